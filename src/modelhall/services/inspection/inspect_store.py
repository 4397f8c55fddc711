"""What the database and the master key look like from outside, without opening the house."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modelhall.domain.errors import DatabaseUnavailable, SetupError
from modelhall.storage.database import Database, open_database
from modelhall.storage.key_files import NAME, NEXT, read_key
from modelhall.storage.migrate import HEAD, stored_revision
from modelhall.storage.sealing import parse_master_key
from modelhall.storage.sqlite import SAFE_WITH_MANY_WRITERS, file_of, version_in_use
from modelhall.storage.vault import read_stored

KeyState = Literal["fits", "missing", "other", "unreadable", "not_yet"]


@dataclass(frozen=True, slots=True)
class StoreReport:
    """How the store is. `revision` is None in a database that is new or does not answer."""

    kind: Literal["sqlite", "postgresql"]
    file: Path | None
    trouble: str = ""
    """Why the database could not be asked; empty when it could."""
    revision: str | None = None
    wanted_revision: str = HEAD
    master_key: KeyState = "not_yet"
    """`not_yet`: the database never had one."""


async def inspect_store(database_url: str | None, data: Path, given_key: str | None) -> StoreReport:
    """Look at the database of these settings. A SQLite file that does not exist yet is not made."""
    if not _is_postgres(database_url):
        try:
            file = file_of(database_url or "", data)
        except SetupError as error:
            return StoreReport("sqlite", None, trouble=error.message)
        if not file.exists():
            return StoreReport("sqlite", file)
    try:
        async with open_database(database_url, data=data) as database:
            return await _asked(database, data, given_key)
    except (DatabaseUnavailable, SetupError) as error:
        kind = "postgresql" if _is_postgres(database_url) else "sqlite"
        return StoreReport(kind, None, trouble=error.message)


def sqlite_version() -> str:
    """The version of the SQLite library that this program works with."""
    return ".".join(map(str, version_in_use()))


def sqlite_is_safe_with_many_writers() -> bool:
    """Whether that version may be written by several processes at a time."""
    return version_in_use() >= SAFE_WITH_MANY_WRITERS


async def _asked(database: Database, data: Path, given_key: str | None) -> StoreReport:
    revision = await stored_revision(database)
    key: KeyState = "not_yet" if revision is None else await _key_state(database, data, given_key)
    return StoreReport(database.dialect, database.file, revision=revision, master_key=key)


async def _key_state(database: Database, data: Path, given_key: str | None) -> KeyState:
    async with database.read() as connection:
        stored = await read_stored(connection)
    if stored is None:
        return "not_yet"
    try:
        at_hand = [parse_master_key(given_key)] if given_key else [read_key(data, name) for name in (NAME, NEXT)]
    except SetupError:
        return "unreadable"
    if not any(at_hand):
        return "missing"
    return "fits" if any(stored.fitting(secret) is not None for secret in at_hand) else "other"


def _is_postgres(database_url: str | None) -> bool:
    return (database_url or "").partition(":")[0].partition("+")[0] in {"postgres", "postgresql"}
