"""Several changes as one: each step by itself, and all of them or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelhall.domain.errors import AlreadyExists
from modelhall.domain.people import Actor
from modelhall.storage import organisations
from modelhall.storage.database import Database
from modelhall.storage.joined import Joined
from tests.storage.library_seeds import an_organisation, fresh, system_actor


async def test_steps_see_each_other_and_an_empty_one_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    async with fresh(database_url, tmp_path) as database:
        actor, told = await _actor(database), list[int]()

        async def listen(number: int) -> None:
            told.append(number)

        database.on_change(listen)
        async with database.change(actor) as change:
            joined = Joined.within(database, change)
            await _make(joined, actor, "one")
            async with joined.change(actor) as step:
                await organisations.insert_organisation(step.connection, slug="two", name="two")
                step.nothing()
            async with joined.read() as connection:
                assert await organisations.organisation_by_slug(connection, "one") is not None
                assert await organisations.organisation_by_slug(connection, "two") is None
        assert len(told) == 1
        assert await _slugs(database) >= {"one"}


async def test_what_one_step_fails_at_undoes_the_others(database_url: str, tmp_path: Path) -> None:
    async with fresh(database_url, tmp_path) as database:
        actor = await _actor(database)
        before = await _slugs(database)
        with pytest.raises(AlreadyExists):
            await _make_both(database, actor, "one", "one")
        assert await _slugs(database) == before
        await _make_both(database, actor, "one", "two")
        assert await _slugs(database) == before | {"one", "two"}


async def test_a_step_without_an_audit_row_is_a_fault(database_url: str, tmp_path: Path) -> None:
    async with fresh(database_url, tmp_path) as database:
        actor = await _actor(database)
        with pytest.raises(RuntimeError, match="no audit row"):
            async with database.change(actor) as change, Joined.within(database, change).change(actor):
                pass


async def _make_both(database: Database, actor: Actor, *slugs: str) -> None:
    async with database.change(actor) as change:
        for slug in slugs:
            await _make(Joined.within(database, change), actor, slug)


async def _make(database: Database, actor: Actor, slug: str) -> None:
    async with database.change(actor) as change:
        made = await organisations.insert_organisation(change.connection, slug=slug, name=slug)
        await change.audit("organisation.add", "organisation", made.id, slug)


async def _slugs(database: Database) -> set[str]:
    async with database.read() as connection:
        return {each.slug for each in await organisations.list_organisations(connection)}


async def _actor(database: Database) -> Actor:
    return system_actor((await an_organisation(database)).id)
