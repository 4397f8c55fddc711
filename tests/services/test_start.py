"""What is found and made at each start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from modelhall.domain.people import Role
from modelhall.services.house import House
from modelhall.services.models.list_models import Filters, list_models
from modelhall.services.models.set_default import set_default
from modelhall.services.models.sync_models import sync_models
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.profiles.edit_profile import ProfileEdit, edit_profile
from modelhall.services.profiles.list_profiles import list_profiles
from modelhall.services.profiles.profile_view import ProfileView
from modelhall.services.profiles.show_profile import show_profile
from modelhall.services.start.find_environment import find_environment
from modelhall.services.start.find_ollama import find_ollama
from modelhall.services.start.first_start import first_start
from modelhall.storage.audit import list_audit
from modelhall.storage.database import open_database
from modelhall.storage.migrate import migrate
from tests.gateway.upstream import ScriptedProvider, Sent
from tests.support.house import OpenHouse, open_test_house

BUILT_IN = "local/smollm2-135m-instruct"


async def profiles(house: House) -> dict[str, ProfileView]:
    return {view.profile.slug: view for view in (await list_profiles(house, house.operator)).items}


async def restarted(url: str, data: Path, environment: dict[str, str]) -> dict[str, ProfileView]:
    """The profiles after a start in that environment."""
    async with open_test_house(url, data, environment) as opened:
        await find_environment(opened.house)
        return await profiles(opened.house)


async def test_five_first_starts_at_once_make_one_owner(database_url: str, tmp_path: Path) -> None:
    async with open_database(database_url, data=tmp_path) as database:
        await migrate(database)
        actors = await asyncio.gather(*(first_start(database) for _ in range(5)))
        assert len(set(actors)) == 1
        assert (actors[0].role, actors[0].via) == (Role.ADMIN, "operator")
        assert await first_start(database) == actors[0]
        async with database.read() as connection:
            rows = await list_audit(connection, actors[0].organisation_id)
        assert [row.action for row in rows] == ["member.add", "organisation.create"]


async def test_the_built_in_model_is_there_active_and_the_default(house: OpenHouse) -> None:
    assert await find_environment(house.house) == ["local"]
    (view,) = (await list_models(house.house, house.operator, Filters())).items
    assert (view.model.public_name, view.model.active, view.default) == (BUILT_IN, True, True)
    assert view.model.context_window == 2048
    assert view.price is not None
    assert view.price.passport.source == "local"
    local = (await profiles(house.house))["local"]
    assert (local.profile.origin, local.key_state) == ("built-in", "none")
    assert await find_environment(house.house) == [], "a second start finds nothing new"


async def test_the_default_that_a_person_set_stays(database_url: str, tmp_path: Path) -> None:
    async with open_test_house(database_url, tmp_path) as opened:
        await find_environment(opened.house)
        await add_profile(opened.house, opened.operator, NewProfile(provider="openai", id="work"))
        await sync_models(opened.house, opened.operator, "work", ["gpt-4.1"], activate=True)
        await set_default(opened.house, opened.operator, "work/gpt-4.1")
    async with open_test_house(database_url, tmp_path) as opened:
        await find_environment(opened.house)
        found = (await list_models(opened.house, opened.operator, Filters())).items
        assert [view.model.public_name for view in found if view.default] == ["work/gpt-4.1"]


async def test_a_key_in_the_environment_makes_a_profile_by_reference(database_url: str, tmp_path: Path) -> None:
    found = await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk-one", "GROQ_API_KEY": "gsk-one"})
    assert set(found) == {"local", "openai", "groq"}
    openai = found["openai"]
    assert (openai.profile.origin, openai.key_state, openai.key_reference) == (
        "environment",
        "ok",
        "env:OPENAI_API_KEY",
    )
    assert [secret.sealed for secret in openai.profile.secrets] == [None]


async def test_a_variable_that_is_gone_leaves_the_profile_with_its_key_missing(
    database_url: str, tmp_path: Path
) -> None:
    await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk-one"})
    gone = await restarted(database_url, tmp_path, {})
    assert gone["openai"].key_state == "missing"
    back = await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk-two"})
    assert back["openai"].key_state == "ok"
    assert back["openai"].profile.revision == 1


async def test_an_address_in_the_environment_is_the_operators_word(database_url: str, tmp_path: Path) -> None:
    first = await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk", "OPENAI_BASE_URL": "http://10.0.0.7:9/v1"})
    assert (first["openai"].profile.base_url, first["openai"].profile.allow_private) == ("http://10.0.0.7:9/v1", True)
    other = await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk", "OPENAI_BASE_URL": "http://10.0.0.8:9"})
    assert other["openai"].profile.base_url == "http://10.0.0.8:9"
    odd = await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk", "OPENAI_BASE_URL": "nonsense"})
    assert odd["openai"].profile.base_url == "http://10.0.0.8:9", "what cannot be an address changes nothing"
    back = await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk"})
    assert (back["openai"].profile.base_url, back["openai"].profile.allow_private) == (None, False), "the yes goes too"


async def test_a_vendor_without_an_address_waits_for_one(database_url: str, tmp_path: Path) -> None:
    assert set(await restarted(database_url, tmp_path, {"AZURE_OPENAI_API_KEY": "k"})) == {"local"}
    both = {"AZURE_OPENAI_API_KEY": "k", "AZURE_OPENAI_ENDPOINT": "https://den.openai.azure.com/"}
    assert set(await restarted(database_url, tmp_path, both)) == {"local", "azure"}


async def test_an_id_that_a_person_uses_is_left_alone(database_url: str, tmp_path: Path) -> None:
    async with open_test_house(database_url, tmp_path) as opened:
        mine = NewProfile(provider="anthropic", id="openai", notes="mine")
        await add_profile(opened.house, opened.operator, mine)
    found = await restarted(database_url, tmp_path, {"OPENAI_API_KEY": "sk-one"})
    assert (found["openai"].profile.provider, found["openai"].profile.notes) == ("anthropic", "mine")


async def test_what_a_person_changed_of_a_found_profile_stays(database_url: str, tmp_path: Path) -> None:
    environment = {"OPENAI_API_KEY": "sk-one"}
    async with open_test_house(database_url, tmp_path, environment) as opened:
        await find_environment(opened.house)
        await edit_profile(opened.house, opened.operator, "openai", ProfileEdit(name="Ours", notes="paid by us"))
    found = await restarted(database_url, tmp_path, environment)
    assert (found["openai"].profile.name, found["openai"].profile.notes) == ("Ours", "paid by us")


async def test_a_found_profile_that_a_person_gives_another_key_is_theirs(database_url: str, tmp_path: Path) -> None:
    environment = {"OPENAI_API_KEY": "sk-one"}
    async with open_test_house(database_url, tmp_path, environment) as opened:
        await find_environment(opened.house)
        await edit_profile(opened.house, opened.operator, "openai", ProfileEdit(key="sk-0123456789abcdef"))
    found = await restarted(database_url, tmp_path, environment)
    assert (found["openai"].profile.origin, found["openai"].key_shown) == ("person", "…cdef")


async def test_an_ollama_that_answers_gets_a_profile_once(
    database_url: str, tmp_path: Path, server: ScriptedProvider
) -> None:
    async def tags(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"models": [{"name": "llama3.2:1b", "model": "llama3.2:1b", "size": 1}]})

    server.script = tags
    where = server.address.removesuffix("/v1")
    async with open_test_house(database_url, tmp_path, {"OLLAMA_HOST": where}) as opened:
        assert await find_ollama(opened.house) is True
        view = await show_profile(opened.house, opened.operator, "ollama")
        assert (view.profile.base_url, view.profile.allow_private, view.key_state) == (where, True, "none")
        assert [sent.path for sent in server.sent] == ["/api/tags"]
        assert await find_ollama(opened.house) is False
        assert len(server.sent) == 1


@pytest.mark.parametrize("answer", ["nobody", "silent", "somebody else", "refused"])
async def test_without_an_ollama_the_start_goes_on_quickly(
    sqlite_url: str, tmp_path: Path, server: ScriptedProvider, answer: str
) -> None:
    async def script(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        if answer == "silent":
            await asyncio.sleep(5)
        return web.Response(status=403 if answer == "refused" else 200, text="hello")

    server.script = script
    where = "127.0.0.1:9" if answer == "nobody" else server.address.removesuffix("/v1")
    async with open_test_house(sqlite_url, tmp_path, {"OLLAMA_HOST": where}) as opened:
        async with asyncio.timeout(2):
            assert await find_ollama(opened.house) is False
        assert await profiles(opened.house) == {}
