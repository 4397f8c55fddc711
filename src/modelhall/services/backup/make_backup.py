"""Makes a backup of everything while the server runs."""

import tempfile
from pathlib import Path
from typing import BinaryIO

from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.services.rights import require_operator
from modelhall.storage.backup import back_up


async def make_backup(house: House, actor: Actor, file: Path, *, with_key: bool = False) -> None:
    """Write a backup to a new file. Raises RoleTooLow, AlreadyExists, MasterKeyMismatch, Conflict."""
    require_operator(actor)
    secret = house.vault.current().secret if with_key else None
    async with house.database.change(actor) as change:
        await change.audit("backup.make", "backup", "backup", "backup", after={"with_master": with_key})
    await back_up(house.database, file, product_version=house.vitals().version, fold=house.catch_up, master_key=secret)


async def passing_backup(house: House, actor: Actor, *, with_key: bool = False) -> BinaryIO:
    """A backup for handing on: an open file that has no name any more, so that nothing stays when it is closed.

    Raises what `make_backup` does.
    """
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=house.data, ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "backup"
        await make_backup(house, actor, file, with_key=with_key)
        return file.open("rb")
