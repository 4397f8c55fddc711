"""Tampering with the audit, by somebody who can write to the database and knows how hashes are made: each is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.storage.audit import COLUMNS, FIRST, AuditFilter, AuditRow, list_audit, read_audit
from modelhall.storage.audit_check import AuditCheck, check_audit
from modelhall.storage.audit_heads import get_head
from modelhall.storage.database import Database
from modelhall.storage.master_key import rotate
from modelhall.storage.tables.system import audit, audit_heads
from modelhall.storage.vault import Vault, open_vault
from tests.storage.library_seeds import an_organisation, fresh, system_actor

ROWS = 6


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def vault(database: Database, tmp_path: Path) -> Vault:
    return await open_vault(database, tmp_path)


@pytest.fixture
async def organisation(database: Database, vault: Vault) -> str:
    """An organisation with so many changes."""
    made = await an_organisation(database)
    for n in range(ROWS - 1):
        async with database.change(system_actor(made.id)) as change:
            await change.audit("thing.edit", "thing", f"t{n}", f"Thing {n}", before={"n": n}, after={"n": n + 1})
    return made.id


async def checked(
    database: Database, vault: Vault, organisation: str, noted: tuple[int, str] | None = None
) -> AuditCheck:
    async with database.read() as connection:
        return await check_audit(connection, organisation, vault.sign, noted)


async def all_rows(connection: AsyncConnection, organisation: str) -> list[AuditRow]:
    return list(await read_audit(connection, organisation, AuditFilter(), after_sequence=0, limit=100))


async def rewrite(connection: AsyncConnection, rows: list[AuditRow]) -> None:
    """Puts these rows in the place of all, with numbers and hashes as if they had always stood so."""
    await connection.execute(sa.delete(audit))
    previous = FIRST
    for number, row in enumerate(rows, 1):
        row = replace(row, sequence=number, previous_hash=previous)
        row = replace(row, hash=row.own_hash())
        await connection.execute(audit.insert().values({name: getattr(row, name) for name in COLUMNS}))
        previous = row.hash


async def change_one(connection: AsyncConnection, organisation: str) -> None:
    await connection.execute(sa.update(audit).where(audit.c.sequence == 3).values(after={"n": 999}))


async def delete_one(connection: AsyncConnection, organisation: str) -> None:
    await connection.execute(sa.delete(audit).where(audit.c.sequence == 3))


async def swap_two(connection: AsyncConnection, organisation: str) -> None:
    for old, new in ((3, -1), (4, 3), (-1, 4)):
        await connection.execute(sa.update(audit).where(audit.c.sequence == old).values(sequence=new))


async def swap_two_with_fresh_hashes(connection: AsyncConnection, organisation: str) -> None:
    rows = await all_rows(connection, organisation)
    rows[2], rows[3] = replace(rows[3], sequence=3), replace(rows[2], sequence=4)
    for row in rows[2:4]:
        values = {name: getattr(replace(row, hash=row.own_hash()), name) for name in COLUMNS}
        await connection.execute(sa.delete(audit).where(audit.c.id == row.id))
        rows[row.sequence - 1] = AuditRow(**values)
    for row in rows[2:4]:
        await connection.execute(audit.insert().values({name: getattr(row, name) for name in COLUMNS}))


async def cut_the_end(connection: AsyncConnection, organisation: str) -> None:
    await connection.execute(sa.delete(audit).where(audit.c.sequence > 4))


async def cut_the_end_and_move_the_head(connection: AsyncConnection, organisation: str) -> None:
    await cut_the_end(connection, organisation)
    last = (await all_rows(connection, organisation))[-1]
    await connection.execute(sa.update(audit_heads).values(sequence=last.sequence, hash=last.hash))


async def add_at_the_end(connection: AsyncConnection, organisation: str) -> None:
    last = (await all_rows(connection, organisation))[-1]
    row = replace(last, id=new_id(), sequence=last.sequence + 1, previous_hash=last.hash)
    row = replace(row, hash=row.own_hash())
    await connection.execute(audit.insert().values({name: getattr(row, name) for name in COLUMNS}))


async def write_all_anew(connection: AsyncConnection, organisation: str) -> None:
    rows = await all_rows(connection, organisation)
    await rewrite(connection, [replace(row, actor="operator") for row in rows])


async def put_one_in_and_write_all_anew(connection: AsyncConnection, organisation: str) -> None:
    rows = await all_rows(connection, organisation)
    await rewrite(connection, [*rows[:2], replace(rows[2], id=new_id()), *rows[2:]])


async def take_one_out_and_write_all_anew(connection: AsyncConnection, organisation: str) -> None:
    rows = await all_rows(connection, organisation)
    await rewrite(connection, [*rows[:2], *rows[3:]])


async def forget_the_head(connection: AsyncConnection, organisation: str) -> None:
    await connection.execute(sa.delete(audit_heads))


async def unsign_the_head(connection: AsyncConnection, organisation: str) -> None:
    await connection.execute(sa.update(audit_heads).values(signature=None))


async def sign_with_something(connection: AsyncConnection, organisation: str) -> None:
    await connection.execute(sa.update(audit_heads).values(signature=bytes(32)))


async def delete_everything(connection: AsyncConnection, organisation: str) -> None:
    await connection.execute(sa.delete(audit))


Deed = Callable[[AsyncConnection, str], Awaitable[None]]
TAMPERINGS: list[tuple[Deed, str, int | None]] = [
    (change_one, "changed", 3),
    (delete_one, "missing", 3),
    (swap_two, "changed", 3),
    (swap_two_with_fresh_hashes, "moved", 3),
    (cut_the_end, "cut", 5),
    (cut_the_end_and_move_the_head, "forged_end", 4),
    (add_at_the_end, "inserted", 7),
    (write_all_anew, "rewritten", None),
    (put_one_in_and_write_all_anew, "inserted", 7),
    (take_one_out_and_write_all_anew, "cut", 6),
    (forget_the_head, "forged_end", 6),
    (unsign_the_head, "unsigned_end", None),
    (sign_with_something, "forged_end", 6),
    (delete_everything, "cut", 1),
]


@pytest.mark.parametrize(("deed", "fault", "sequence"), TAMPERINGS, ids=lambda value: getattr(value, "__name__", None))
async def test_each_tampering_is_found_and_named(
    database: Database, vault: Vault, organisation: str, deed: Deed, fault: str, sequence: int | None
) -> None:
    assert (await checked(database, vault, organisation)).fault is None
    async with database.write() as connection:
        await deed(connection, organisation)
    found = await checked(database, vault, organisation)
    assert (found.fault, found.sequence) == (fault, sequence)


async def test_the_end_is_still_signed_after_a_change_of_the_master_key(
    database: Database, vault: Vault, organisation: str, tmp_path: Path
) -> None:
    await rotate(database, vault, system_actor(organisation))
    assert (await checked(database, await open_vault(database, tmp_path), organisation)).fault is None


async def test_a_whole_old_database_is_found_by_an_end_that_was_noted(
    database: Database, vault: Vault, organisation: str
) -> None:
    """Old rows with their old, good signature: only a note from elsewhere knows better."""
    async with database.read() as connection:
        old, head = await all_rows(connection, organisation), await get_head(connection, organisation)
    async with database.change(system_actor(organisation)) as change:
        await change.audit("thing.edit", "thing", "t", "T", after={"n": 1})
    noted = await checked(database, vault, organisation)
    async with database.write() as connection:
        await rewrite(connection, old)
        assert head is not None
        values = {"sequence": head.sequence, "hash": head.hash, "signature": head.signature}
        await connection.execute(sa.update(audit_heads).values(values))
    assert (await checked(database, vault, organisation)).fault is None
    found = await checked(database, vault, organisation, (noted.rows, noted.last_hash))
    assert (found.fault, found.sequence) == ("cut", 7)
    assert (await checked(database, vault, organisation, (3, "0" * 64))).fault == "rewritten"


async def test_without_the_master_key_the_end_is_told_to_be_unchecked(
    database: Database, vault: Vault, organisation: str, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    locked = Vault(database, tmp_path / "elsewhere", None)
    await locked.refresh()
    assert locked.locked
    assert (await checked(database, locked, organisation)).fault == "unchecked_end"


async def test_changes_are_found_by_action_actor_and_time(database: Database, organisation: str) -> None:
    async with database.read() as connection:
        everything = await list_audit(connection, organisation)
        third = everything[-3]
        for wanted, count in (
            (AuditFilter(action="thing.edit"), ROWS - 1),
            (AuditFilter(action="thing"), ROWS - 1),
            (AuditFilter(action="thing_edit"), 0),
            (AuditFilter(action="thin"), 0),
            (AuditFilter(actor="system"), ROWS),
            (AuditFilter(actor="operator"), 0),
            (AuditFilter(actor_id=new_id()), 0),
            (AuditFilter(until=third.at), 2),
            (AuditFilter(since=third.at), ROWS - 2),
            (AuditFilter(kind="thing", object_id="t1", since=third.at), 1),
        ):
            assert len(await list_audit(connection, organisation, wanted)) == count, wanted
