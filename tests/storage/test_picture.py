"""The picture holds everything that lives, as of one change number, in few questions."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest

from modelhall.storage import aliases, keys, members, models, profiles, projects
from modelhall.storage.database import Database
from modelhall.storage.picture import take_picture
from modelhall.storage.projects import ProjectDraft
from modelhall.storage.settings import write_setting
from tests.storage.library_seeds import a_household, a_model, fresh


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


async def test_an_empty_house_has_an_empty_picture(database: Database) -> None:
    picture = await take_picture(database)
    assert (picture.number, picture.key_version, picture.organisations, picture.keys) == (0, 0, (), ())


async def test_the_picture_holds_what_was_put_in(database: Database, tmp_path: Path) -> None:
    first, second = await a_household(database, tmp_path), await a_household(database, tmp_path, "second")
    async with database.change(first.actor) as change:
        project = await projects.insert_project(
            change.connection, ProjectDraft(organisation_id=first.organisation.id, slug="web", name="Web")
        )
        await write_setting(change.connection, first.organisation.id, "theme", "dark")
        await write_setting(change.connection, first.organisation.id, "theme", "mine", first.member.id)
        await change.audit("project.create", "project", project.id, "web")
    picture = await take_picture(database)
    assert (picture.number, picture.key_version) == (await database.change_number(), 1)
    assert set(picture.organisations) == {first.organisation, second.organisation}
    assert set(picture.members) == {first.member, second.member}
    assert {profile.id: profile for profile in picture.profiles}[first.profile.id] == replace(
        first.profile, secrets=(first.secret,)
    )
    assert sorted(picture.models, key=lambda model: model.number) == [*first.models, *second.models]
    assert {alias.id: alias for alias in picture.aliases}[first.alias.id] == first.alias
    assert picture.prices == {first.models[0].id: (first.sheet,), second.models[0].id: (second.sheet,)}
    assert picture.projects == (project,)
    assert picture.settings == {first.organisation.id: {"theme": "dark"}}
    assert {key.id: key for key in picture.keys}[first.key.id] == first.key
    (window_id,) = picture.key_windows[first.key.id]
    window = picture.windows[window_id]
    assert (window.scope, window.scope_id, window.limit_nano, window.ends_at) == ("key", first.key.id, 5 * 10**9, None)


async def test_what_was_deleted_is_not_in_the_picture(database: Database, tmp_path: Path) -> None:
    house = await a_household(database, tmp_path)
    async with database.write() as c:
        await keys.delete_key(c, house.key.id)
        await aliases.delete_alias(c, house.alias.id)
        await models.delete_model(c, house.models[0].id)
        await profiles.delete_secret(c, house.secret.id)
        await members.remove_member(c, house.member.id)
    picture = await take_picture(database)
    assert [model.id for model in picture.models] == [house.models[1].id]
    assert [profile.secrets for profile in picture.profiles] == [()]
    assert (picture.keys, picture.aliases, picture.members, picture.key_windows) == ((), (), (), {})
    async with database.write() as c:
        await profiles.delete_profile(c, house.profile.id)
    picture = await take_picture(database)
    assert (picture.profiles, picture.models) == ((), ())


@pytest.mark.timed
async def test_a_picture_of_thousands_of_models_is_taken_quickly(database: Database, tmp_path: Path) -> None:
    house = await a_household(database, tmp_path)
    async with database.write() as c:
        await models.insert_models(c, [a_model(house.profile, f"m{n}") for n in range(3_000)])
    begun = perf_counter()
    assert len((await take_picture(database)).models) == 3_002
    assert perf_counter() - begun < 2
