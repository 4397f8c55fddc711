"""The one way to the database: reads on a pool, writes in turn, changes with their audit and number."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from modelhall.domain.errors import DatabaseUnavailable, ModelhallError, SetupError
from modelhall.domain.people import Actor
from modelhall.storage.audit import AuditRow, Deed, append_audit
from modelhall.storage.audit_heads import Sign
from modelhall.storage.failures import is_transient, translated
from modelhall.storage.postgres import postgres_engines
from modelhall.storage.sqlite import file_of, sqlite_engines
from modelhall.storage.tables.system import changes

T = TypeVar("T")
Listener = Callable[[int], Awaitable[None]]
Kind = Literal["sqlite", "postgresql"]
TRIES = 5

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_database(url: str | None = None, *, data: Path) -> AsyncGenerator["Database"]:
    """The database at `sqlite:///…`, `postgresql://…` or `postgres://…`; without address, `modelhall.db` in `data`.

    Connects at the first use. Raises SetupError for an address of another kind.
    """
    url = url or ""
    if kind_of(url) == "postgresql":
        database = Database("postgresql", None, *postgres_engines(url))
    else:
        file = file_of(url, data)
        database = Database("sqlite", file, *sqlite_engines(file))
    try:
        yield database
    finally:
        await to_the_end(database.close())


def kind_of(url: str | None) -> Kind:
    """Which database an address means. Raises SetupError for an address of another kind."""
    scheme = (url or "").partition(":")[0].partition("+")[0]
    if scheme in {"postgres", "postgresql"}:
        return "postgresql"
    if scheme in {"", "sqlite"}:
        return "sqlite"
    raise SetupError(
        f"DATABASE_URL begins with {scheme!r}; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
    )


@dataclass(slots=True, eq=False)
class Change:
    """A change of the control plane while it is being made; it must write at least one audit row."""

    connection: AsyncConnection
    actor: Actor
    number: int
    sign: Sign
    audited: int = 0
    empty: bool = False

    async def audit(
        self,
        action: str,
        kind: str,
        object_id: str,
        name: str,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        organisation_id: str | None = None,
    ) -> AuditRow:
        """Write down what this change does to one object. Secrets are hidden, but do not hand them in."""
        deed = Deed(action, kind, object_id, name, before, after)
        row = await append_audit(self.connection, self.actor, deed, self.sign, organisation_id)
        self.audited += 1
        return row

    def nothing(self) -> None:
        """There is nothing to change after all: all is rolled back, no number is taken, no audit row is asked for."""
        self.empty = True


class _NothingChanged(Exception):
    """Takes a change that is empty out of its transaction."""


@dataclass(slots=True, eq=False)
class Database:
    """An open database. Not tied to a task: any number of tasks may read and write through it at once."""

    dialect: Kind
    file: Path | None
    """The database file, for SQLite."""
    _writer: AsyncEngine
    _reader: AsyncEngine
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _listeners: list[Listener] = field(default_factory=list[Listener])
    sign: Sign = lambda _told: None
    """Signs the end of each audit. Without a vault nobody can."""

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that sees one state of the database and cannot write. Raises DatabaseUnavailable."""
        with translated():
            async with _connected(self._reader) as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that is committed at the end and rolled back on any error.

        Raises DatabaseUnavailable, AlreadyExists, Conflict.
        On SQLite the writes of this process take turns and hold the write lock from the first moment.
        """
        with translated():
            async with self._writers_turn(), _connected(self._writer) as connection:
                await connection.begin()
                yield connection
                await to_the_end(connection.commit())

    @asynccontextmanager
    async def change(self, actor: Actor) -> AsyncGenerator[Change]:
        """A change of the control plane: a write with audit rows and the next change number; then listeners are told.

        Changes happen one after the other, in all processes together: each holds the number's row from its start.
        Raises RuntimeError when it wrote no audit row.
        """
        try:
            async with self.write() as connection:
                change = Change(connection, actor, await _next_number(connection), self.sign)
                yield change
                if change.empty:
                    raise _NothingChanged
                if not change.audited:
                    raise RuntimeError("a change of the control plane wrote no audit row")
        except _NothingChanged:
            return
        await self._tell(change.number)

    async def retried(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do the work in a `write` transaction, again if the database asks for it (serialization failure, deadlock)."""
        for attempt in range(TRIES - 1):
            try:
                async with self.write() as connection:
                    return await work(connection)
            except DatabaseUnavailable as error:
                if not (isinstance(error.__cause__, DBAPIError) and is_transient(error.__cause__)):
                    raise
            await asyncio.sleep(0.01 * 2**attempt)
        async with self.write() as connection:
            return await work(connection)

    async def change_number(self) -> int:
        """The number of the last change, for whoever has to notice changes of other processes."""
        async with self.read() as connection:
            return (await connection.execute(_NUMBER)).scalar_one()

    def on_change(self, listener: Listener) -> None:
        """Have `listener` called with the change number after each change that this process commits."""
        self._listeners.append(listener)

    async def use_write_ahead_log(self) -> None:
        """Put a SQLite file into WAL mode, which it keeps."""
        async with _connected(self._writer) as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            if driver is not None:
                await driver.execute_fetchall("PRAGMA journal_mode = WAL")

    async def close(self) -> None:
        """Give back all connections."""
        await self._reader.dispose()
        await self._writer.dispose()

    def _writers_turn(self) -> AbstractAsyncContextManager[object]:
        return self._turn if self.dialect == "sqlite" else nullcontext()

    async def _tell(self, number: int) -> None:
        for listener in self._listeners:
            try:
                await listener(number)
            except ModelhallError as error:
                # The change stands; who missed it notices the number at the next look.
                log.warning("a listener missed change %d: %s", number, error.message)


async def to_the_end(work: Awaitable[T]) -> T:
    """Await the work, and if this task is cancelled meanwhile, let the work finish before the cancellation goes on."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                continue
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a cancelled task's last step failed: %s", error)
        raise


_NUMBER = sa.select(changes.c.number).where(changes.c.id == 1)


async def _next_number(connection: AsyncConnection) -> int:
    taken = sa.update(changes).where(changes.c.id == 1).values(number=changes.c.number + 1).returning(changes.c.number)
    return (await connection.execute(taken)).scalar_one()


async def hold_changes(connection: AsyncConnection) -> None:
    """Keep every other change of the control plane, in all processes, waiting until this transaction ends."""
    await connection.execute(_NUMBER.with_for_update())


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    try:
        connection = await engine.connect()
    except Exception as error:
        # While connecting, drivers raise their own classes, the system's, or SQLAlchemy's.
        raise DatabaseUnavailable(f"The database does not answer: {error}".rstrip("."), retry_after_s=1) from error
    try:
        yield connection
    finally:
        await to_the_end(connection.close())
