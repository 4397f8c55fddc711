"""The SQLite driver in fewer steps: a statement is run, read and closed in one turn of the driver's thread.

The driver's own cursor takes a turn for each of its methods, four for a small query, and each of them wakes two threads
and waits for a turn of the event loop. Import this only after `sqlite.put_newest_in_place`.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")

AT_ONCE = 256
"""Rows that are read with the statement; what is more comes when it is asked for."""


def connect(database: str, **more: Any) -> "Connection":
    """A connection to this file, to be awaited; `more` as `sqlite3.connect` takes it."""
    return Connection(lambda: sqlite3.connect(database, **more))


class Connection(aiosqlite.Connection):
    """A connection whose cursors are there without asking the thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, AT_ONCE)
        self._thread.daemon = True  # or a connection that nobody closed would keep the process from ending

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    def in_thread(self, work: Callable[..., T], *arguments: object) -> Awaitable[T]:
        """Has the work done in the driver's thread."""
        return self._execute(work, *arguments)  # pyright: ignore[reportUnknownMemberType] - not annotated

    def own_cursor(self) -> sqlite3.Cursor:
        """A cursor of SQLite's. Only in the driver's thread."""
        return self._conn.cursor()


class Cursor(aiosqlite.Cursor):
    """One statement. It has no cursor of SQLite's before it is run."""

    _conn: Connection

    def __init__(self, connection: Connection) -> None:
        self._conn = connection
        self._rows: list[Any] = []
        self._more = False
        """Whether there may be rows that were not read."""

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        """Runs it and reads the first rows."""
        await self._conn.in_thread(self._run, sql, parameters or ())
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "Cursor":
        """Runs it once for each of the parameters."""
        await self._conn.in_thread(self._run_many, sql, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        """All rows that were not taken yet."""
        rows, self._rows = self._rows, []
        return [*rows, *await self._conn.in_thread(self._rest)] if self._more else rows

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows, at most `size` of them."""
        if not self._rows and self._more:
            self._rows = await self._conn.in_thread(self._next)
        rows, self._rows = self._rows[:size], self._rows[size:] if size else []
        return rows

    async def fetchone(self) -> Any:
        """The next row, or `None`."""
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        """Lets go of what was not read."""
        self._rows = []
        if self._more:
            self._more = False
            await self._conn.in_thread(self._cursor.close)

    # In the driver's thread

    def _run(self, sql: str, parameters: Any) -> None:
        self._cursor = cursor = self._conn.own_cursor()
        try:
            cursor.execute(sql, parameters)
            self._more = cursor.description is not None
            self._rows = self._next() if self._more else []
        except BaseException:
            self._end()
            raise

    def _run_many(self, sql: str, parameters: Iterable[Any]) -> None:
        self._cursor = cursor = self._conn.own_cursor()
        try:
            cursor.executemany(sql, parameters)
        finally:
            cursor.close()

    def _next(self) -> list[Any]:
        rows = self._cursor.fetchmany(AT_ONCE)
        if len(rows) < AT_ONCE:
            self._end()
        return rows

    def _rest(self) -> list[Any]:
        rows = self._cursor.fetchall()
        self._end()
        return rows

    def _end(self) -> None:
        """All rows are read: nothing is kept open, so that a transaction can end."""
        self._more = False
        self._cursor.close()
