"""Changing the master key: all is sealed anew in one transaction, and a crash at any moment leaves one valid key."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import Conflict, SetupError
from modelhall.domain.people import Actor
from modelhall.storage import key_files
from modelhall.storage.database import Database, hold_changes
from modelhall.storage.sealing import MasterKey, new_master_key, parse_master_key
from modelhall.storage.tables.library import secrets
from modelhall.storage.tables.system import vault
from modelhall.storage.vault import PEPPER, PEPPER_PLACE, Vault, provider_key_place, read_stored, write_check


async def rotate(database: Database, opened: Vault, actor: Actor, new_key: str | None = None) -> int:
    """Change the master key; gives its new version. The old key opens nothing afterwards but older backups.

    A key kept in a file is made here and replaces the file. A key from the environment must be handed in as `new_key`,
    because only the person can change it there. Raises SetupError, MasterKeyMismatch, Conflict.
    """
    old = opened.current()
    if opened.is_given and new_key is None:
        raise SetupError(
            "The master key comes from MODELHALL_MASTER_KEY: make a new one (openssl rand -hex 32) and hand it in."
        )
    secret = new_master_key() if new_key is None else parse_master_key(new_key)
    if secret == old.secret:
        raise SetupError("The new master key is the old one.")
    new = MasterKey(old.version + 1, secret)
    if opened.is_given:
        await _rewrap_everything(database, opened, old, new, actor)
        return new.version
    with key_files.sole_hand_on_keys(opened.data) as alone:
        if not alone:
            raise Conflict("Another process is changing the master key just now.")
        async with database.write() as connection:
            await hold_changes(connection)
            await _confirm(connection, old)
        # What lies there never became valid: the key in force is the old one, and nobody else may change it now.
        key_files.drop_next(opened.data)
        key_files.write_key(opened.data, key_files.NEXT, secret)
        await _rewrap_everything(database, opened, old, new, actor)
        key_files.put_next_in_place(opened.data, secret)
    return new.version


async def _rewrap_everything(database: Database, opened: Vault, old: MasterKey, new: MasterKey, actor: Actor) -> None:
    try:
        async with database.change(actor) as change:
            await _confirm(change.connection, old)
            count = await _rewrap_provider_keys(change.connection, old, new)
            await _rewrap_pepper(change.connection, old, new)
            await write_check(change.connection, new)
            after = {"key_version": new.version, "sealed_anew": count}
            before = {"key_version": old.version}
            await change.audit(
                "master_key.rotate", "master_key", "master_key", "master key", before=before, after=after
            )
            # Before the commit, so that whoever is told of it can open what it finds; the old key still opens the rest.
            opened.adopt(new)
    except BaseException:
        # It may have been committed all the same: the next `refresh` finds out; the new key's file stays until then.
        opened.adopt(old)
        raise


async def _confirm(connection: AsyncConnection, old: MasterKey) -> None:
    stored = await read_stored(connection)
    if stored is None or stored.version != old.version or not old.fits(stored.check_value):
        raise Conflict("The master key was changed in between; start again.")


async def _rewrap_provider_keys(connection: AsyncConnection, old: MasterKey, new: MasterKey) -> int:
    stored = sa.select(secrets.c.id, secrets.c.address, secrets.c.sealed).where(secrets.c.sealed.is_not(None))
    rows = (await connection.execute(stored)).all()
    for row in rows:
        place = provider_key_place(row.id, row.address or "")
        sealed = new.seal(place, old.open(place, row.sealed))
        await connection.execute(sa.update(secrets).where(secrets.c.id == row.id).values(sealed=sealed))
    return len(rows)


async def _rewrap_pepper(connection: AsyncConnection, old: MasterKey, new: MasterKey) -> None:
    stored = sa.select(vault.c.value).where(vault.c.name == PEPPER)
    pepper = old.open(PEPPER_PLACE, (await connection.execute(stored)).scalar_one())
    await connection.execute(
        sa.update(vault).where(vault.c.name == PEPPER).values(value=new.seal(PEPPER_PLACE, pepper))
    )
