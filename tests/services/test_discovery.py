"""Providers' lists are kept: asked for beside everything else, told with their age, never trusted, never waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from starlette.applications import Starlette

from modelhall.domain.library import Profile
from modelhall.gateway.doors.routes import model_routes
from modelhall.providers.provider import DiscoveredModel
from modelhall.services.house import utc_now
from modelhall.services.keys.create_key import NewKey, create_key
from modelhall.services.library.query import Wish
from modelhall.services.library.search import SearchPage, search
from modelhall.services.library.search_listed import search_listed
from modelhall.services.models import refresh_list as refreshing
from modelhall.services.models.list_state import ListState
from modelhall.services.models.listing import pack
from modelhall.services.models.refresh_list import keep_lists_fresh, refresh_due, refresh_list
from modelhall.services.models.show_list_changes import show_list_changes
from modelhall.services.models.sync_models import sync_models
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.profiles.edit_profile import ProfileEdit, edit_profile
from modelhall.storage import known_lists, profiles
from modelhall.storage.known_lists import NewList
from tests.gateway.upstream import Handler, ScriptedProvider, Sent, scripted
from tests.support.asgi import Client
from tests.support.house import OpenHouse

LATER = timedelta(days=1)


def listing(*entries: Any, status: int = 200, pause: float = 0.0) -> Handler:
    async def answer(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(pause)
        return web.json_response({"data": list(entries)}, status=status)

    return answer


async def add(house: OpenHouse, slug: str, address: str, **more: Any) -> None:
    wanted = NewProfile(
        **{"provider": "openai-compatible", "id": slug, "base_url": address, "allow_private": True, **more}
    )
    await add_profile(house.house, house.operator, wanted)


async def refresh(house: OpenHouse, slug: str = "den") -> ListState:
    return await refresh_list(house.house, house.operator, slug)


async def listed(house: OpenHouse, slug: str = "den") -> list[str]:
    page, _ = await search_listed(house.house, house.operator, profile=slug)
    return [found.entry.model_id for found in page.items]


async def changes(house: OpenHouse, **more: Any) -> list[tuple[str, str]]:
    page = await show_list_changes(house.house, house.operator, **more)
    return sorted((change.difference.kind, change.difference.model_id) for change in page.items)


async def test_a_list_is_kept_with_its_age_and_outlives_the_provider(
    house: OpenHouse, server: ScriptedProvider
) -> None:
    server.script = listing({"id": "big", "context_length": 9_000}, {"id": "plain"})
    await add(house, "den", server.address)
    state = await refresh(house)
    assert state.known is not None
    assert (state.known.entries, state.known.error, state.known.failures) == (2, None, 0)
    server.script = listing(status=500)
    house.clock.ahead = utc_now() + timedelta(hours=5)
    state = await refresh(house)
    assert state.known is not None
    assert (state.known.error_code, state.known.failures, state.known.entries) == ("provider_broke", 1, 2)
    assert state.age_s is not None
    assert 17_990 <= state.age_s <= 18_010
    assert await listed(house) == ["big", "plain"]
    assert len(server.sent) == 4


async def test_what_is_listed_is_merged_with_the_catalog_field_by_field(house: OpenHouse) -> None:
    await add(house, "den", "", provider="openai", base_url=None, allow_private=False)
    told = DiscoveredModel(id="gpt-4.1", context=900_000, prices={"input": Decimal(3)})
    async with house.database.write() as connection:
        new = NewList(pack([told, DiscoveredModel(id="my-tuning")]), 2, {}, {})
        await known_lists.keep_list(connection, await _profile(house), new, at=utc_now(), due_at=utc_now() + LATER)
    page, _ = await search_listed(house.house, house.operator, profile="den")
    found, unknown = page.items
    assert (found.entry.context_window, found.sources["context_window"].source) == (900_000, "provider")
    assert found.sources["context_window"].disagreeing == ("catalog: 1047576",)
    assert (found.entry.max_output, found.entry.maker) == (32_768, "OpenAI")
    assert found.sources["max_output"].source not in {"provider", "person"}
    assert (str(found.entry.price_input), str(found.entry.price_output)) == ("3", "8")
    assert (unknown.entry.context_window, unknown.entry.price_input, unknown.sources) == (None, None, {})


async def test_what_is_new_changed_or_gone_is_written_down(house: OpenHouse, server: ScriptedProvider) -> None:
    server.script = listing({"id": "stays"}, {"id": "grows", "context_length": 4_096}, {"id": "goes"})
    await add(house, "den", server.address)
    await refresh(house)
    assert await changes(house) == []
    server.script = listing({"id": "stays"}, {"id": "grows", "context_length": 8_192}, {"id": "comes"})
    state = await refresh(house)
    assert state.known is not None
    assert state.known.changed == {"new": 1, "changed": 1, "gone": 1}
    assert await changes(house) == [("changed", "grows"), ("gone", "goes"), ("new", "comes")]
    assert await changes(house, kind="gone", profile="den") == [("gone", "goes")]
    page = await show_list_changes(house.house, house.operator, kind="changed")
    assert (page.items[0].difference.before, page.items[0].difference.after) == ({"context": 4096}, {"context": 8192})
    await refresh(house)
    assert len(await changes(house)) == 3


async def test_changes_come_in_pages(small_house: OpenHouse, server: ScriptedProvider) -> None:
    server.script = listing({"id": "first"})
    await add(small_house, "den", server.address)
    await refresh(small_house)
    server.script = listing(*({"id": f"m{number}"} for number in range(7)))
    await refresh(small_house)
    seen: list[str] = []
    before: str | None = None
    while True:
        page = await show_list_changes(small_house.house, small_house.operator, before=before, limit=3)
        seen += [change.difference.model_id for change in page.items]
        before = page.next
        if before is None:
            break
    assert sorted(seen) == ["first", *(f"m{number}" for number in range(7))]


async def test_more_changes_than_are_written_down_are_counted(small_house: OpenHouse, server: ScriptedProvider) -> None:
    server.script = listing({"id": "first"})
    await add(small_house, "den", server.address)
    await refresh(small_house)
    server.script = listing(*({"id": f"m{number}"} for number in range(900)))
    state = await refresh(small_house)
    assert state.known is not None
    assert state.known.changed == {"new": 900, "changed": 0, "gone": 1}
    written, after = 0, None
    while True:
        page = await show_list_changes(small_house.house, small_house.operator, before=after, limit=500)
        written, after = written + len(page.items), page.next
        if after is None:
            break
    assert written == 500


LIES: list[Any] = [
    {"id": "good", "context_length": 4_096},
    {"id": "good", "context_length": 5},
    {"id": "x" * 300},
    {"id": "a\nb"},
    {"id": "\ud800"},
    {"id": ["no"]},
    "text",
    None,
    {},
    {"id": "odd", "name": "NUL \x00", "context_length": "many", "owned_by": {"x": 1}, "created_at": "abcd-ef-gh"},
    {"id": "dear", "pricing": {"prompt": "1e400", "completion": "-3"}, "supported_parameters": 5, "architecture": 7},
    {"id": "vast", "context_length": 10**60, "pricing": [1], "top_provider": [2]},
]


@pytest.mark.parametrize("provider", ["openai-compatible", "openrouter"])
async def test_of_a_lying_list_what_makes_sense_is_usable_and_the_rest_is_counted(
    house: OpenHouse, server: ScriptedProvider, provider: str
) -> None:
    server.script = listing(*LIES)
    key = None if provider == "openai-compatible" else "sk-0123456789abcdef"
    await add(house, "den", server.address, provider=provider, key=key)
    state = await refresh(house)
    assert state.known is not None
    assert state.known.error is None
    names = await listed(house)
    assert {"good", "odd", "vast"} <= set(names) <= {"good", "odd", "dear", "vast"}
    assert state.known.left_out["doubled"] == 1
    assert state.known.entries + sum(state.known.left_out.values()) == len(LIES)
    page, _ = await search_listed(house.house, house.operator, profile="den")
    entries = {found.entry.model_id: found.entry for found in page.items}
    assert (entries["good"].context_window, entries["vast"].context_window) == (4_096, None)
    assert entries["odd"].title == "odd"
    assert (await sync_models(house.house, house.operator, "den")).count("error") == 0


async def test_a_sync_takes_the_last_good_list_when_the_provider_fails(
    house: OpenHouse, server: ScriptedProvider
) -> None:
    server.script = listing({"id": "big", "context_length": 9_000})
    await add(house, "den", server.address)
    await refresh(house)
    server.script = listing(status=500)
    outcome = await sync_models(house.house, house.operator, "den")
    assert [(each.model, each.status) for each in outcome.results] == [("den/big", "synced")]
    assert (outcome.source, outcome.note is not None) == ("provider", True)
    page, _ = await search_listed(house.house, house.operator, profile="den")
    assert [(found.entry.origin, found.entry.context_window) for found in page.items] == [("library", 9_000)]


@pytest.mark.parametrize("body", [[], [{"id": ""}, "nonsense"]], ids=["empty", "nonsense"])
async def test_a_list_without_anything_in_it_does_not_replace_a_good_one(
    small_house: OpenHouse, server: ScriptedProvider, body: list[Any]
) -> None:
    server.script = listing({"id": "m"})
    await add(small_house, "den", server.address)
    await refresh(small_house)
    server.script = listing(*body)
    state = await refresh(small_house)
    assert state.known is not None
    assert (state.known.error_code, state.known.entries) == ("provider_broke", 1)
    assert await listed(small_house) == ["m"]


async def test_an_ollama_may_have_nothing_installed(small_house: OpenHouse, server: ScriptedProvider) -> None:
    server.script = listing()
    await add(small_house, "den", server.address.removesuffix("/v1"), provider="ollama")
    state = await refresh(small_house)
    assert state.known is not None
    assert (state.known.error, state.known.entries, state.known.version) == (None, 0, 1)


async def test_entries_beyond_the_limit_are_counted(small_house: OpenHouse, server: ScriptedProvider) -> None:
    server.script = listing(*({"id": f"m{number}"} for number in range(20_010)))
    await add(small_house, "den", server.address)
    state = await refresh(small_house)
    assert state.known is not None
    assert (state.known.entries, state.known.left_out) == (20_000, {"beyond_limit": 10})


async def test_the_house_asks_by_itself_when_a_list_is_due_or_its_profile_was_changed(
    house: OpenHouse, server: ScriptedProvider
) -> None:
    server.script = listing({"id": "m"})
    await add(house, "den", server.address)
    await refresh_due(house.house)
    assert len(server.sent) == 1
    await refresh_due(house.house)
    assert len(server.sent) == 1
    await edit_profile(house.house, house.operator, "den", ProfileEdit(notes="moved"))
    await refresh_due(house.house)
    assert len(server.sent) == 2
    async with house.database.write() as connection:
        profile = await _profile(house)
        assert not await known_lists.claim(connection, profile, utc_now(), utc_now() + LATER)
    house.clock.ahead = utc_now() + timedelta(hours=5)
    await refresh_due(house.house)
    assert len(server.sent) == 2
    house.clock.ahead = utc_now() + timedelta(hours=7)
    assert (await _due(house)) == ["den"]


async def test_of_two_processes_one_asks(house: OpenHouse, server: ScriptedProvider) -> None:
    await add(house, "den", server.address)
    profile = await _profile(house)

    async def claim() -> bool:
        async with house.database.write() as connection:
            return await known_lists.claim(connection, profile, utc_now(), utc_now() + LATER)

    assert sorted(await asyncio.gather(claim(), claim(), claim())) == [False, False, True]


async def test_after_a_failure_it_is_asked_sooner_and_then_ever_later(
    small_house: OpenHouse, server: ScriptedProvider
) -> None:
    server.script = listing(status=401)
    await add(small_house, "den", server.address, key="sk-0123456789abcdef")
    pauses: list[float] = []
    for _ in range(9):
        state = await refresh(small_house)
        assert state.known is not None
        assert state.known.tried_at is not None
        pauses.append((state.known.due_at - state.known.tried_at).total_seconds() / 60)
    assert 4 <= pauses[0] <= 6
    assert 8 <= pauses[1] <= 12
    assert 5 * 60 <= pauses[-1] <= 7 * 60


async def test_the_house_looks_again_and_again_while_it_runs(
    small_house: OpenHouse, server: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "LOOK_S", 0.01)
    server.script = listing({"id": "m"})
    await add(small_house, "den", server.address)
    never = asyncio.create_task(keep_lists_fresh(small_house.house, lambda: 0))
    await asyncio.sleep(0.1)
    never.cancel()
    assert server.sent == []
    looking = asyncio.create_task(keep_lists_fresh(small_house.house, lambda: 6))
    async with asyncio.timeout(10):
        while await listed(small_house) != ["m"]:
            await asyncio.sleep(0.02)
    looking.cancel()
    await asyncio.gather(looking, never, return_exceptions=True)
    assert len(server.sent) == 1


@dataclass(slots=True)
class Five:
    """A house with five providers: two good ones, one that will be dead, one slow, one lying."""

    house: OpenHouse
    servers: dict[str, ScriptedProvider] = field(default_factory=dict[str, ScriptedProvider])


@pytest.fixture
async def five(house: OpenHouse) -> AsyncGenerator[Five]:
    async with AsyncExitStack() as stack:
        opened = Five(house)
        for name in ("good", "fine", "dead", "slow", "lying"):
            opened.servers[name] = server = await stack.enter_async_context(scripted())
            server.script = listing(*({"id": f"{name}-{number}"} for number in range(20)))
            await add(house, name, server.address)
        await refresh_due(house.house)
        yield opened


@pytest.mark.timed
@pytest.mark.full
async def test_a_dead_a_slow_and_a_lying_provider_delay_and_spoil_nothing(
    five: Five, how_many: Callable[[int, int], int]
) -> None:
    hall, operator = five.house.house, five.house.operator
    await sync_models(hall, operator, "slow", ["slow-1"], activate=True)
    key = (await create_key(hall, operator, NewKey(name="app"))).text
    door = Client(Starlette(routes=model_routes(five.house.gateway.desk)), {"authorization": f"Bearer {key}"})
    five.servers["dead"].script = listing(status=503)
    five.servers["slow"].script = listing(pause=30)
    five.servers["lying"].script = listing("nonsense", {"id": 5}, {"id": "lying-1", "context_length": -1})
    five.servers["good"].script = listing(*({"id": f"good-{number}"} for number in range(30)))
    five.house.clock.ahead = utc_now() + LATER
    await search(hall, operator, Wish())
    asking = asyncio.create_task(refresh_due(hall))
    async with asyncio.timeout(10):
        while (page := await _page(five)).total != 91 or not page.troubled:  # 30 + 20 + 20 + 20 + 1
            await asyncio.sleep(0.02)
    times: list[float] = []
    for wish in (Wish(), Wish(text="slow"), Wish(values={"profile": ["dead"]}), Wish(values={"status": ["listed"]})):
        begun = time.perf_counter()
        page = await search(hall, operator, wish)
        times.append(time.perf_counter() - begun)
        assert page.total > 0
    begun = time.perf_counter()
    answer = await door.get("/v1/models")
    times.append(time.perf_counter() - begun)
    assert [each["id"] for each in answer.json["data"]] == ["slow/slow-1"]
    print(f"reads beside a dead, a slow and a lying provider: at most {max(times) * 1e3:.0f} ms")
    assert max(times) <= how_many(1_000, 200) / 1e3
    page = await _page(five)
    assert {found.entry.model_id for found in page.items if found.entry.profile == "lying"} == {"lying-1"}
    assert sum(found.entry.profile == "dead" for found in page.items) == 20
    assert [state.profile for state in page.troubled] == ["dead"]
    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def _page(five: Five) -> SearchPage:
    wish = Wish(values={"profile": list(five.servers)}, limit=500)
    return await search(five.house.house, five.house.operator, wish)


async def _profile(house: OpenHouse, slug: str = "den") -> Profile:
    async with house.database.read() as connection:
        profile = await profiles.profile_by_slug(connection, house.operator.organisation_id, slug)
    assert profile is not None
    return profile


async def _due(house: OpenHouse) -> list[str]:
    async with house.database.read() as connection:
        ids = await known_lists.due_profiles(connection, house.house.clock())
        found = [await profiles.get_profile(connection, profile_id) for profile_id in ids]
    return [profile.slug for profile in found if profile is not None]
