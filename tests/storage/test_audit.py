"""The audit: one unbroken chain per organisation, in which every tampering shows."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from modelhall.domain.people import Actor, Role
from modelhall.storage.audit import AuditFilter, get_audit, list_audit
from modelhall.storage.audit_check import first_break
from modelhall.storage.database import Database
from modelhall.storage.tables.system import audit
from tests.storage.library_seeds import LONG_AGO, an_organisation, fresh, system_actor


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


async def changes(database: Database, organisation_id: str, number: int) -> None:
    for n in range(number):
        async with database.change(system_actor(organisation_id)) as change:
            await change.audit("thing.edit", "thing", f"t{n % 2}", f"Thing {n}", before={"n": n}, after={"n": n + 1})


async def test_rows_tell_who_did_what_newest_first(database: Database) -> None:
    organisation = await an_organisation(database)
    actor = Actor(organisation.id, "0191a000-0000-7000-8000-000000000001", Role.ADMIN, "key", key_id="k1")
    async with database.change(actor) as change:
        written = await change.audit(
            "price.set", "model", "m1", "acme/small", before=None, after={"input": Decimal("0.15")}
        )
    async with database.read() as connection:
        newest, first = await list_audit(connection, organisation.id)
        assert await get_audit(connection, organisation.id, written.id) == newest
    assert (newest.actor, newest.actor_id, newest.action) == ("key:k1", actor.member_id, "price.set")
    assert (newest.before, newest.after) == (None, {"input": "0.15"})
    assert (first.actor, first.actor_id, first.sequence) == ("system", None, 1)


async def test_a_list_goes_on_where_the_last_page_ended_and_can_be_of_one_object(database: Database) -> None:
    organisation = await an_organisation(database)
    await changes(database, organisation.id, 6)
    async with database.read() as connection:
        page = await list_audit(connection, organisation.id, limit=4)
        rest = await list_audit(connection, organisation.id, before_sequence=page[-1].sequence, limit=4)
        one = await list_audit(connection, organisation.id, AuditFilter(kind="thing", object_id="t1"))
    assert [row.sequence for row in (*page, *rest)] == [7, 6, 5, 4, 3, 2, 1]
    assert [row.object_name for row in one] == ["Thing 5", "Thing 3", "Thing 1"]


async def test_each_organisation_has_a_chain_of_its_own(database: Database) -> None:
    first, second = await an_organisation(database), await an_organisation(database, "second")
    await changes(database, first.id, 2)
    await changes(database, second.id, 3)
    async with database.read() as connection:
        assert [await first_break(connection, each.id) for each in (first, second)] == [None, None]
        assert len(await list_audit(connection, second.id)) == 4


TAMPERINGS = {
    "after": {"after": {"n": 999}},
    "actor": {"actor": "operator"},
    "time": {"at": LONG_AGO + timedelta(days=1)},
    "object": {"object_id": "other"},
    "hash": {"hash": "0" * 64},
}


@pytest.mark.parametrize("what", TAMPERINGS)
async def test_a_row_that_was_edited_breaks_the_chain_there(database: Database, what: str) -> None:
    organisation = await an_organisation(database)
    await changes(database, organisation.id, 5)
    async with database.write() as connection:
        await connection.execute(sa.update(audit).where(audit.c.sequence == 3).values(TAMPERINGS[what]))
    async with database.read() as connection:
        assert await first_break(connection, organisation.id) == 3


async def test_a_row_that_was_taken_out_breaks_the_chain_there(database: Database) -> None:
    organisation = await an_organisation(database)
    await changes(database, organisation.id, 5)
    async with database.write() as connection:
        await connection.execute(sa.delete(audit).where(audit.c.sequence == 3))
    async with database.read() as connection:
        assert await first_break(connection, organisation.id) == 3


async def test_odd_values_come_back_with_the_same_hash(database: Database) -> None:
    organisation = await an_organisation(database)
    odd = {
        "zero": "a\x00b",
        "half": "\ud800",
        "small": 1e-7,
        "big": 2**80,
        "none": None,
        "ü": [1.5, {"ß": "\U0001f600"}],
    }
    async with database.change(system_actor(organisation.id)) as change:
        await change.audit("thing.edit", "thing", "t", "T", before=odd, after=odd)
    async with database.read() as connection:
        assert await first_break(connection, organisation.id) is None
