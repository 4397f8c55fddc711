"""Brings a backup back, offline: nothing else of the house may be open on this data directory."""

from pathlib import Path

from modelhall.domain.errors import SetupError
from modelhall.storage.backup import Restored, restore
from modelhall.storage.database import open_database


async def restore_backup(file: Path, *, database_url: str | None, data: Path) -> Restored:
    """Fill an empty database and data directory from the file: all of it, or nothing.

    Raises SetupError, which says why not, and DatabaseUnavailable.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"The data directory {data} cannot be made: {error.strerror}.") from error
    async with open_database(database_url, data=data) as database:
        return await restore(database, file, data=data)
