"""The search, the lists of providers and their changes over the control API."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web

from modelhall.domain.people import Role
from tests.api.test_policy import client_of
from tests.gateway.upstream import ScriptedProvider, Sent, scripted
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

FIRST = [{"id": "big", "context_length": 9_000}, {"id": "small"}, {"id": ""}]


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    """A provider on loopback that lists some models."""
    async with scripted() as provider:
        lists(provider, FIRST)
        yield provider


def lists(server: ScriptedProvider, models: list[dict[str, object]], status: int = 200) -> None:
    async def answer(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": models}, status=status)

    server.script = answer


@pytest.fixture
async def den(operator: Client, server: ScriptedProvider) -> Client:
    """The operator of a house with a profile `den` at that provider."""
    wanted = {"provider": "openai-compatible", "id": "den", "base_url": server.address, "allow_private": True}
    assert (await operator.post("/profiles", wanted)).status == 201
    return operator


async def test_a_list_is_renewed_on_demand_and_told_with_its_age(den: Client) -> None:
    state = (await den.post("/profiles/den/discover")).json
    assert (state["models"], state["error"], state["left_out"], state["failures"]) == (2, None, {"unusable": 1}, 0)
    assert (state["age_seconds"], state["has_list"]) == (0, True)
    page = (await den.get("/discovered?profile=den")).json
    assert [(each["name"], each["status"], each["listed"]) for each in page["items"]] == [
        ("den/big", "discovered", True),
        ("den/small", "discovered", True),
    ]
    assert page["items"][0]["sources"]["context_window"]["source"] == "provider"
    assert [each["profile"] for each in page["lists"]] == ["den"]
    assert (await den.get("/discovered?profile=none")).status == 404
    assert (await den.post("/profiles/none/discover")).status == 404


async def test_a_failure_stands_beside_the_last_good_list(den: Client, server: ScriptedProvider) -> None:
    await den.post("/profiles/den/discover")
    lists(server, [], status=500)
    answer = await den.post("/profiles/den/discover")
    assert (answer.status, answer.json["models"], answer.json["error_code"]) == (200, 2, "provider_broke")
    page = (await den.get("/library?profile=den")).json
    assert (page["total"], page["troubled"][0]["profile"]) == (2, "den")
    assert "500" in page["troubled"][0]["error"]


async def test_hundreds_are_browsed_and_one_action_takes_any_of_them(
    den: Client, server: ScriptedProvider, house: OpenHouse
) -> None:
    lists(server, [{"id": f"m{number:03}", "name": f"M {number}", "context_length": 4_096} for number in range(320)])
    await den.post("/profiles/den/discover")
    cards: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await den.get(f"/discovered?profile=den&limit=50{after}")).json
        cards += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert (len(cards), page["total"]) == (320, 320)
    wanted = [card["name"] for card in cards[::40]]
    done = (await den.post("/models/batch", {"action": "sync", "models": wanted})).json
    assert (done["done"], done["refused"]) == (8, 0)
    viewer = await client_of(den, house, Role.VIEWER)
    taken = (await viewer.get("/library?profile=den&status=inactive&sort=name")).json["items"]
    assert [card["name"] for card in taken] == wanted, "the whole organisation has them"
    before = {card["name"]: card for card in cards}
    for card in taken:
        for fact in ("name", "title", "provider", "context_window", "price_input", "price_output"):
            assert card[fact] == before[card["name"]][fact], "the same card in both places"
    assert (await den.delete(f"/models/{wanted[0]}")).status == 204
    (again,) = (await den.get(f"/library?profile=den&q={wanted[0].removeprefix('den/')}")).json["items"]
    assert (again["status"], again["origin"] == "library") == ("discovered", False), "it can be found and taken again"


async def test_what_became_of_a_list_is_told(den: Client, server: ScriptedProvider) -> None:
    await den.post("/profiles/den/discover")
    lists(server, [{"id": "big", "context_length": 10_000}, {"id": "fresh"}])
    assert (await den.post("/profiles/den/discover")).json["changed"] == {"new": 1, "changed": 1, "gone": 1}
    changes = (await den.get("/discoveries/changes")).json["items"]
    assert {(each["kind"], each["model_id"]) for each in changes} == {
        ("new", "fresh"),
        ("changed", "big"),
        ("gone", "small"),
    }
    (grown,) = (await den.get("/discoveries/changes?kind=changed&profile=den")).json["items"]
    assert (grown["before"], grown["after"]) == ({"context": 9000}, {"context": 10000})
    assert (await den.get("/discoveries/changes?before=x")).status == 400


async def test_one_search_finds_the_library_what_is_listed_and_the_catalog(den: Client) -> None:
    await den.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await den.post("/profiles/work/sync", {"models": ["gpt-4.1"], "activate": True})
    await den.post("/profiles/den/discover")
    page = (await den.get("/library?limit=1")).json
    assert page["facets"]["profile"] == {"den": 2, "work": 1}
    assert page["facets"]["status"]["active"] == 1
    assert page["facets"]["status"]["catalog"] > 9_000
    (mine,) = (await den.get("/library?q=GPT-4.1&status=active&max_price_input=2&min_price_output=8")).json["items"]
    assert (mine["name"], mine["origin"], mine["listed"]) == ("work/gpt-4.1", "library", None)
    assert (mine["price_input"], mine["price_output"], mine["price_blended"]) == ("2", "8", "3.5")
    assert mine["sources"]["price"]["source"]
    both = "/library?status=active&status=discovered&sort=-context_window"
    assert [each["name"] for each in (await den.get(both)).json["items"]] == ["work/gpt-4.1", "den/big", "den/small"]


@ON_SQLITE
async def test_pages_follow_each_other_over_all_that_was_found(operator: Client) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = (await operator.get(f"/library?provider=openai&sort=-price_input&limit=37&facets=false{after}")).json
        seen += [each["name"] for each in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == page["total"] > 100
    assert page["facets"] == {}


@ON_SQLITE
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("colour=red", "colour"),
        ("sort=colour", "sort"),
        ("status=lost", "status"),
        ("max_price_input=cheap", "max_price_input"),
        ("min_context=0", "min_context"),
        ("min_uptime=2", "min_uptime"),
        ("retires_before=soon", "retires_before"),
        ("after=nonsense", "after"),
        ("limit=501", "limit"),
    ],
)
async def test_a_search_that_makes_no_sense_says_where(operator: Client, query: str, field: str) -> None:
    answer = await operator.get(f"/library?{query}")
    assert answer.status == 400
    assert field in json.dumps(answer.json["errors"])
