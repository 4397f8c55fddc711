"""SQLite: the newest library at hand, one connection that writes, a few that read."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from modelhall.domain.errors import SetupError

SAFE_WITH_MANY_WRITERS = (3, 51, 3)
"""Older ones can damage a WAL database that several processes write (https://sqlite.org/wal.html#walresetbug)."""

READERS = 4
BUSY_MS = 15_000
WAL_BYTES = 64 * 1024 * 1024


class _Connection(Protocol):
    """What is needed of a driver's connection."""

    isolation_level: str | None

    def cursor(self) -> Any: ...


def sqlite_engines(file: Path) -> tuple[AsyncEngine, AsyncEngine]:
    """The engine that writes (one connection, each transaction takes the write lock at once) and the one that reads."""
    put_newest_in_place()
    create_private(file)
    address = sa.URL.create("sqlite+aiosqlite", database=str(file))
    # Only now: the driver takes the library that is in place when it is loaded.
    driver = importlib.import_module("modelhall.storage.sqlite_driver")
    terms = {"connect_args": {"async_creator_fn": driver.connect}, "max_overflow": 0, "pool_timeout": 60}
    writer = create_async_engine(address, pool_size=1, hide_parameters=True, **terms)
    reader = create_async_engine(address, pool_size=READERS, hide_parameters=True, **terms)
    event.listen(writer.sync_engine, "connect", _prepare_writer)
    event.listen(reader.sync_engine, "connect", _prepare_reader)
    event.listen(writer.sync_engine, "begin", _begin_writing)
    event.listen(reader.sync_engine, "begin", _begin_reading)
    return writer, reader


def file_of(url: str, data: Path) -> Path:
    """The file that a `sqlite:///…` address names; without address, `modelhall.db` in `data`. Raises SetupError."""
    if not url:
        return data / "modelhall.db"
    path = url.partition("://")[2].removeprefix("/").partition("?")[0]
    if not path or path == ":memory:":
        raise SetupError(f"The database address {url!r} names no file. Write sqlite:////absolute/path/modelhall.db.")
    return Path(path)


def put_newest_in_place() -> None:
    """Make `import sqlite3` mean the newest SQLite library at hand.

    aiosqlite and SQLAlchemy take whatever `sqlite3` is, and both look for it only after this ran. This is the one place
    that does it.
    """
    if "aiosqlite" in sys.modules:
        return
    newest = newest_library()
    sys.modules["sqlite3"] = newest
    sys.modules["sqlite3.dbapi2"] = importlib.import_module(f"{newest.__name__}.dbapi2")


def newest_library() -> ModuleType:
    """The `pysqlite3` wheel's module when it is installed and not older than the system's, else the system's."""
    if importlib.util.find_spec("pysqlite3") is None:
        return importlib.import_module("sqlite3")
    wheel = importlib.import_module("pysqlite3")
    if version_of(wheel) >= SAFE_WITH_MANY_WRITERS:
        return wheel
    return max(importlib.import_module("sqlite3"), wheel, key=version_of)


def version_of(library: ModuleType) -> tuple[int, ...]:
    """The version of SQLite itself that a driver module brings."""
    return tuple(library.sqlite_version_info)


def version_in_use() -> tuple[int, ...]:
    """The version of SQLite that this process works with."""
    put_newest_in_place()
    return version_of(importlib.import_module("aiosqlite"))


def create_private(file: Path) -> None:
    """Make the file for its owner only, if it is not there; its side files get the same mode. Raises SetupError."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise SetupError(f"The database file {file} cannot be opened: {error.strerror}.") from error


def _prepare_writer(connection: _Connection, _record: object) -> None:
    _prepare(connection, "PRAGMA synchronous = FULL", f"PRAGMA journal_size_limit = {WAL_BYTES}")


def _prepare_reader(connection: _Connection, _record: object) -> None:
    _prepare(connection, "PRAGMA query_only = ON")


def _prepare(connection: _Connection, *more: str) -> None:
    # The driver would begin transactions by itself, deferred, and never around reads.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"PRAGMA busy_timeout = {BUSY_MS}", "PRAGMA foreign_keys = ON", *more):
        cursor.execute(pragma)
    cursor.close()


def _begin_writing(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")
