"""Brings the schema to what this version of the program needs, once, however many processes start together."""

import asyncio
import fcntl
import importlib
import os
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.database import Database
from modelhall.storage.postgres import SCHEMA

HEAD = "0008"
"""The newest file in `migrations/versions`; known here, so that a start with nothing to do need not look."""

LOCK = 0x6D6F64656C68616C


async def migrate(database: Database, *, to: str = HEAD) -> None:
    """Make or renew the schema in one transaction. Raises SetupError for a newer program's database.

    Several processes may call it at the same time; the first does the work, the others wait for it.
    """
    if await stored_revision(database) == to:
        return
    async with _locked(database), database.write() as connection:
        if database.dialect == "postgresql":
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            await _make_schema(connection)
        # Alembic is loaded only when there is something to do: most starts are quicker without it.
        upgrade = importlib.import_module("modelhall.storage.upgrade").upgrade
        await connection.run_sync(upgrade, to)


async def stored_revision(database: Database) -> str | None:
    """The revision that the database is at; `None` when it is empty."""
    async with database.read() as connection:
        return await connection.run_sync(revision_in)


def revision_in(connection: sa.Connection) -> str | None:
    """The revision that is written in the database; `None` when it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


async def _make_schema(connection: AsyncConnection) -> None:
    # Asked first, because CREATE SCHEMA IF NOT EXISTS wants the right to create even when there is nothing to create.
    there = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :name")
    if (await connection.execute(there, {"name": SCHEMA})).first() is None:
        await connection.execute(sa.schema.CreateSchema(SCHEMA))


def _locked(database: Database) -> AbstractAsyncContextManager[None]:
    return nullcontext() if database.file is None else _file_locked(database)


@asynccontextmanager
async def _file_locked(database: Database) -> AsyncGenerator[None]:
    """Hold the lock file beside the database, and switch to write-ahead logging, which suffers no second connection."""
    assert database.file is not None  # noqa: S101 - told to the type checker
    lock = os.open(
        database.file.with_name(f"{database.file.name}.migrating"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
    )
    try:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        await database.use_write_ahead_log()
        yield
    finally:
        os.close(lock)
