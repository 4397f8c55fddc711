"""Organisations, persons, members, projects, keys and sessions: kept, found, changed, deleted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from modelhall.domain.errors import AlreadyExists, NotFound, Stale
from modelhall.domain.ids import new_id
from modelhall.domain.people import Role
from modelhall.storage import keys, members, organisations, projects, sessions
from modelhall.storage.database import Database
from modelhall.storage.projects import ProjectDraft
from modelhall.storage.tables.money import budget_windows, budgets
from modelhall.storage.vault import open_vault
from tests.storage.library_seeds import Household, a_household, a_key, an_organisation, fresh


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> Household:
    return await a_household(database, tmp_path)


async def test_organisations_are_found_changed_and_listed_in_pages(database: Database) -> None:
    made = [await an_organisation(database, slug) for slug in ("one", "two", "three")]
    async with database.write() as c:
        changed = replace(made[1], name="Second", default_model_id=new_id())
        await organisations.update_organisation(c, changed)
        with pytest.raises(NotFound):
            await organisations.update_organisation(c, replace(made[0], id=new_id()))
    async with database.read() as c:
        assert await organisations.get_organisation(c, made[1].id) == changed
        assert await organisations.organisation_by_slug(c, "two") == changed
        assert await organisations.organisation_by_slug(c, "four") is None
        first = await organisations.list_organisations(c, limit=2)
        rest = await organisations.list_organisations(c, after=first[-1].id, limit=2)
    assert [each.slug for each in (*first, *rest)] == ["one", "two", "three"]


async def test_a_member_is_a_person_in_an_organisation(database: Database, house: Household) -> None:
    async with database.write() as c:
        ada = await members.insert_account(c, login="ada", name="Ada", email="ada@example.org", password_hash="hash")
        member = await members.insert_member(c, organisation_id=house.organisation.id, account=ada, role=Role.VIEWER)
        raised = replace(member, role=Role.MEMBER, default_model_id=house.models[0].id)
        await members.update_member(c, raised)
        await members.update_account(c, replace(ada, disabled=True))
    async with database.read() as c:
        assert await members.get_member(c, member.id) == replace(raised, disabled=True)
        assert await members.member_by_login(c, house.organisation.id, "ada") == replace(raised, disabled=True)
        assert [each.login for each in await members.list_members(c, house.organisation.id)] == ["owner-default", "ada"]
        assert await members.account_by_login(c, "ada") == replace(ada, disabled=True)
        assert await members.get_account(c, ada.id) == replace(ada, disabled=True)
    assert "hash" not in repr(ada)


async def test_a_member_who_left_may_come_back_in_another_role(database: Database, house: Household) -> None:
    async with database.write() as c:
        ada = await members.insert_account(c, login="ada", name="Ada")
        member = await members.insert_member(c, organisation_id=house.organisation.id, account=ada, role=Role.ADMIN)
        await members.remove_member(c, member.id)
        assert await members.member_by_login(c, house.organisation.id, "ada") is None
        gone = await members.get_member(c, member.id)
        assert gone is not None
        assert gone.removed_at is not None
        with pytest.raises(NotFound):
            await members.remove_member(c, member.id)
        back = await members.insert_member(c, organisation_id=house.organisation.id, account=ada, role=Role.VIEWER)
    assert (back.id, back.role) == (member.id, Role.VIEWER)
    with pytest.raises(AlreadyExists, match="member"):
        async with database.write() as c:
            await members.insert_member(c, organisation_id=house.organisation.id, account=ada, role=Role.VIEWER)


async def test_projects_free_their_name_when_deleted(database: Database, house: Household) -> None:
    async with database.write() as c:
        first = await projects.insert_project(
            c, ProjectDraft(organisation_id=house.organisation.id, slug="web", name="Web")
        )
        changed = replace(
            first, name="The web", models=(house.models[0].id,), parameters={"temperature": 0}, notes="Ours."
        )
        written = await projects.update_project(c, changed)
        assert written == replace(changed, revision=2)
        assert await projects.get_project(c, first.id) == written
        with pytest.raises(Stale):
            await projects.update_project(c, changed)
        await projects.delete_project(c, first.id)
        assert await projects.get_project(c, first.id) is None
        again = await projects.insert_project(
            c, ProjectDraft(organisation_id=house.organisation.id, slug="web", name="Web")
        )
        assert await projects.project_by_slug(c, house.organisation.id, "web") == again
        assert await projects.list_projects(c, house.organisation.id) == [again]
    with pytest.raises(AlreadyExists, match="project"):
        async with database.write() as c:
            await projects.insert_project(
                c, ProjectDraft(organisation_id=house.organisation.id, slug="web", name="Web")
            )


async def test_a_key_is_found_by_what_it_is_known_by(database: Database, house: Household) -> None:
    async with database.read() as c:
        assert await keys.get_key(c, house.key.id) == house.key
        assert await keys.key_by_name(c, house.organisation.id, "ci") == house.key
        assert await keys.key_by_digest(c, house.key.digest) == house.key
        assert await keys.key_by_digest(c, b"other") is None
        assert await keys.list_keys(c, house.organisation.id) == [house.key]
        assert await keys.list_keys(c, house.organisation.id, member_id=new_id()) == []


@pytest.mark.parametrize("models", [None, (), ("a", "b")])
async def test_all_models_no_models_and_some_models_stay_apart(
    database: Database, house: Household, tmp_path: Path, models: tuple[str, ...] | None
) -> None:
    draft = a_key(await open_vault(database, tmp_path), house.organisation.id, house.member.id, "other")
    async with database.write() as c:
        made = await keys.insert_key(c, replace(draft, models=models, role=Role.VIEWER))
        found = await keys.get_key(c, made.id)
    assert found == made
    assert (made.models, made.role, made.budget_limit) == (models, Role.VIEWER, None)


async def window_of(database: Database, key_id: str) -> list[tuple[object, ...]]:
    query = (
        sa.select(
            budgets.c.scope,
            budgets.c.period,
            budgets.c.hard_pct,
            budget_windows.c.starts_at,
            budget_windows.c.ends_at,
            budget_windows.c.limit_nano,
            budget_windows.c.spent,
        )
        .join_from(budgets, budget_windows)
        .where(budgets.c.scope_id == key_id, budgets.c.deleted_at.is_(None))
    )
    async with database.read() as c:
        return [tuple(row) for row in await c.execute(query)]


async def test_a_budget_of_a_key_is_a_hard_total_with_one_window(database: Database, house: Household) -> None:
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    assert await window_of(database, house.key.id) == [("key", "total", 100, beginning, None, 5_000_000_000, 0)]


async def test_a_budget_is_raised_in_place_taken_away_and_given(database: Database, house: Household) -> None:
    async with database.write() as c:
        await c.execute(sa.update(budget_windows).values(spent=7))
        await keys.update_key(c, replace(house.key, budget_limit=9))
    assert [row[-2:] for row in await window_of(database, house.key.id)] == [(9, 7)]
    async with database.write() as c:
        await keys.update_key(c, replace(house.key, budget_limit=None))
        found = await keys.get_key(c, house.key.id)
    assert found == replace(house.key, budget_limit=None)
    assert await window_of(database, house.key.id) == []
    async with database.write() as c:
        await keys.update_key(c, replace(house.key, budget_limit=11, name="renamed", role=Role.ADMIN, models=()))
        found = await keys.get_key(c, house.key.id)
    assert found == replace(house.key, budget_limit=11, name="renamed", role=Role.ADMIN, models=())


async def test_a_deleted_key_is_gone_and_its_name_free(database: Database, house: Household, tmp_path: Path) -> None:
    draft = a_key(await open_vault(database, tmp_path), house.organisation.id, house.member.id)
    async with database.write() as c:
        await keys.delete_key(c, house.key.id)
        assert await keys.key_by_digest(c, house.key.digest) is None
        with pytest.raises(NotFound):
            await keys.delete_key(c, house.key.id)
        with pytest.raises(NotFound):
            await keys.update_key(c, house.key)
        await keys.insert_key(c, replace(draft, digest=b"another"))
    assert await window_of(database, house.key.id) == []


async def test_keys_are_listed_in_pages(database: Database, house: Household, tmp_path: Path) -> None:
    vault = await open_vault(database, tmp_path)
    async with database.write() as c:
        for n in range(4):
            await keys.insert_key(c, a_key(vault, house.organisation.id, house.member.id, f"k{n}"))
        first = await keys.list_keys(c, house.organisation.id, limit=3)
        rest = await keys.list_keys(c, house.organisation.id, after=first[-1].id, limit=3)
    assert sorted(key.name for key in (*first, *rest)) == ["ci", "k0", "k1", "k2", "k3"]


async def test_a_session_lives_until_it_ends_or_runs_out(database: Database, house: Household) -> None:
    at = datetime.now(UTC)
    idle, absolute = at + timedelta(hours=1), at + timedelta(days=1)
    async with database.write() as c:
        made = await sessions.insert_session(
            c,
            digest=b"d",
            member_id=house.member.id,
            user_agent="test",
            idle_until=idle,
            absolute_until=absolute,
        )
        assert await sessions.session_by_digest(c, b"d", at) == made
        assert await sessions.session_by_digest(c, b"d", at + timedelta(hours=2)) is None
        later = at + timedelta(hours=23)
        await sessions.touch_session(c, made.id, seen_at=at, idle_until=at + timedelta(days=9))
        assert await sessions.session_by_digest(c, b"d", later) is not None
        assert await sessions.session_by_digest(c, b"d", at + timedelta(hours=25)) is None
        assert [each.id for each in await sessions.sessions_of(c, house.member.account_id, at)] == [made.id]
        await sessions.end_session(c, made.id)
        assert await sessions.session_by_digest(c, b"d", at) is None
        with pytest.raises(NotFound):
            await sessions.end_session(c, made.id)


async def test_a_member_is_signed_out_everywhere_and_old_sessions_are_forgotten(
    database: Database, house: Household
) -> None:
    at = datetime.now(UTC)
    async with database.write() as c:
        for digest in (b"1", b"2"):
            await sessions.insert_session(
                c,
                digest=digest,
                member_id=house.member.id,
                user_agent=None,
                idle_until=at + timedelta(hours=1),
                absolute_until=at + timedelta(hours=1),
            )
        assert await sessions.end_sessions_of(c, house.member.id) == 2
        assert await sessions.sessions_of(c, house.member.account_id, at) == []
        assert await sessions.forget_sessions(c, at - timedelta(days=1)) == 0
        assert await sessions.forget_sessions(c, at + timedelta(days=1)) == 2
