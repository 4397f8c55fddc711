"""Backups, made while the server runs, and their return into an empty place, of whichever kind of database."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import Conflict, SetupError
from modelhall.storage import key_files
from modelhall.storage.archive import FORMAT, LINES, ArchiveReader, Manifest, new_archive, open_archive
from modelhall.storage.database import Database
from modelhall.storage.migrate import HEAD, migrate
from modelhall.storage.sealing import as_text, parse_master_key
from modelhall.storage.tables import discovery, files, library, money, people, system
from modelhall.storage.tables.columns import Exact, Json, metadata
from modelhall.storage.vault import read_stored

CACHE_KIB = 128 * 1024
"""Holds the indexes of a long ledger while it is brought back."""

PARTS = (people, library, discovery, money, system, files)
"""Named, so that every table is known to `metadata`."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    manifest: Manifest
    key_restored: bool
    """Otherwise `master.key` has to be put into the data directory by hand before the server is started."""


async def back_up(
    database: Database,
    file: Path,
    *,
    product_version: str,
    fold: Callable[[], Awaitable[object]] | None = None,
    master_key: bytes | None = None,
) -> Manifest:
    """Write a backup of one moment to a new file for its owner only. The master key is in it only if handed in.

    `fold` brings what the journal holds into the database first.
    Raises AlreadyExists, SetupError, Conflict, DatabaseUnavailable.
    """
    if fold is not None:
        await fold()
    async with new_archive(file) as archive, database.read() as connection:
        stored = await read_stored(connection)
        if master_key is not None and (stored is None or stored.fitting(master_key) is None):
            raise Conflict("The master key was changed in between. Start the backup again.")
        number = (await connection.execute(sa.select(system.changes.c.number))).scalar_one()
        for table in metadata.sorted_tables:
            await archive.add_table(str(table.name), _columns(table), _rows(connection, table))
        if master_key is not None:
            archive.add_key(as_text(master_key))
        manifest = Manifest(
            format=FORMAT,
            product_version=product_version,
            made_at=datetime.now(UTC),
            revision=HEAD,
            change_number=number,
            tables=archive.tables,
            with_key=master_key is not None,
        )
        archive.close_with(manifest)
    return manifest


async def restore(database: Database, file: Path, *, data: Path) -> Restored:
    """Bring a backup back into an empty database and data directory: all of it, or nothing.

    Must come before the vault is opened, which would give the database another key. Raises SetupError, saying why not.
    """
    with open_archive(file) as archive:
        _refuse_used_directory(data)
        await migrate(database, to=archive.manifest.revision)
        text = archive.key()
        if text is None:
            await _load_everything(database, archive)
        else:
            await _load_with_key(database, archive, data, parse_master_key(text))
    await migrate(database)
    return Restored(archive.manifest, text is not None)


async def _load_with_key(database: Database, archive: ArchiveReader, data: Path, secret: bytes) -> None:
    there = key_files.read_key(data)
    if there == secret:
        await _load_everything(database, archive, secret)
        return
    with key_files.sole_hand_on_keys(data) as alone:
        if there is not None or not alone:
            raise SetupError(f"{data} has a master key already. Restore into an empty data directory (--data).")
        # Before the commit: at the next start the file that fits the database is taken, and the other one dropped.
        key_files.drop_next(data)
        key_files.write_key(data, key_files.NEXT, secret)
        await _load_everything(database, archive, secret)
        key_files.put_next_in_place(data, secret)


async def _load_everything(database: Database, archive: ArchiveReader, secret: bytes | None = None) -> None:
    async with database.write() as connection:
        await _refuse_used_database(connection)
        for table in metadata.sorted_tables:
            await _load(connection, archive, table)
        stored = await read_stored(connection)
        if secret is not None and (stored is None or stored.fitting(secret) is None):
            raise SetupError("The backup is damaged: its master key is not the one its secrets are sealed with.")


async def _rows(connection: AsyncConnection, table: sa.Table) -> AsyncGenerator[Sequence[Sequence[Any]]]:
    """All rows in the order of their keys, which for our ids is the order they were made in."""
    query = sa.select(table).order_by(*table.primary_key.columns).execution_options(yield_per=LINES)
    async with connection.stream(query) as result:
        async for batch in result.partitions():
            yield [list(row) for row in batch]


def _columns(table: sa.Table) -> list[str]:
    return [str(column.name) for column in table.columns]


async def _load(connection: AsyncConnection, archive: ArchiveReader, table: sa.Table) -> None:
    facts = archive.manifest.tables.get(table.name)
    if facts is None:
        return
    await connection.execute(sa.delete(table))
    if connection.dialect.name == "postgresql":
        await _copy(connection, archive, table, facts.columns)
    else:
        await _insert(connection, archive, table, facts.columns)
    count = (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
    if count != facts.rows:
        raise SetupError(f"The backup is damaged: {table.name} should have {facts.rows} rows and has {count}.")


async def _insert(connection: AsyncConnection, archive: ArchiveReader, table: sa.Table, columns: Sequence[str]) -> None:
    """Straight to the driver, with the values as SQLAlchemy would hand them over: half the time for a long ledger."""
    # A message may come before the one it answers; at the end of the transaction all must be there.
    await connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    await connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
    writes = [
        table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for name in columns
    ]
    statement = str(table.insert().values(dict.fromkeys(columns)).compile(dialect=connection.dialect))
    for batch in archive.batches(table):
        await connection.exec_driver_sql(statement, [_written(row, writes) for row in batch])


async def _copy(connection: AsyncConnection, archive: ArchiveReader, table: sa.Table, columns: Sequence[str]) -> None:
    """One COPY for the whole table: many times quicker than inserts, and references are checked at its end."""
    writes = [WRITERS.get(type(table.c[name].type)) for name in columns]

    async def records() -> AsyncGenerator[tuple[Any, ...]]:
        for batch in archive.batches(table):
            for row in batch:
                yield _written(row, writes)

    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(table.name, records=records(), columns=columns)
    for column in table.columns:
        if column.autoincrement is True:
            last = sa.select(sa.func.max(column)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            await connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))


def _written(row: Sequence[Any], writes: Sequence[Callable[[Any], Any] | None]) -> tuple[Any, ...]:
    return tuple(v if v is None or write is None else write(v) for write, v in zip(writes, row, strict=True))


WRITERS: Mapping[type, Callable[[Any], str]] = {type(Json): json.dumps, Exact: str}
"""What COPY takes as text."""


def _refuse_used_directory(data: Path) -> None:
    journal = data / "journal"
    if journal.exists() and any(found.is_file() for found in journal.rglob("*.log")):
        raise SetupError(f"{data} holds a journal of another database. Restore into an empty data directory (--data).")


async def _refuse_used_database(connection: AsyncConnection) -> None:
    for table in metadata.sorted_tables:
        if table is system.changes:
            continue
        if (await connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1))).first() is not None:
            raise SetupError(
                f"The database is not empty: {table.name} has rows. Restore into a new one "
                "(an empty --data directory, or a new database in DATABASE_URL)."
            )
