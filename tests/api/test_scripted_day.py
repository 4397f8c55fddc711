"""A whole day with the library over the API alone: from three profiles to a model that is taken back."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from starlette.applications import Starlette

from modelhall.gateway.doors.routes import model_routes
from modelhall.gateway.engine import EngineAddress
from modelhall.services.start.find_environment import find_environment
from tests.gateway.hall import serving
from tests.gateway.upstream import ScriptedProvider, Sent, chat, scripted
from tests.support.asgi import Client
from tests.support.house import OpenHouse

BUILT_IN = "local/smollm2-135m-instruct"


async def like_openai(sent: Sent, _request: web.Request) -> web.StreamResponse:
    if sent.path.endswith("/models"):
        return web.json_response({"data": [{"id": "gpt-4.1"}, {"id": "gpt-4.1-nano"}]})
    return web.json_response(chat("From the first."))


async def like_anthropic(sent: Sent, _request: web.Request) -> web.StreamResponse:
    if sent.path.endswith("/models"):
        return web.json_response({"data": [{"id": "claude-sonnet-4-5", "display_name": "Claude"}], "has_more": False})
    content = [{"type": "text", "text": "From the second."}]
    usage = {"input_tokens": 10, "output_tokens": 4}
    told = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": content}
    return web.json_response(told | {"stop_reason": "end_turn", "stop_sequence": None, "usage": usage})


async def like_a_small_one(sent: Sent, _request: web.Request) -> web.StreamResponse:
    if sent.path.endswith("/models"):
        return web.json_response({"data": [{"id": "small"}]})
    return web.json_response(chat("From the third."))


async def out_of_order(_sent: Sent, _request: web.Request) -> web.StreamResponse:
    return web.json_response({"error": "out of order"}, status=500)


@dataclass(slots=True)
class Day:
    """The operator, the model doors, and the three servers behind them."""

    api: Client
    door: str
    servers: dict[str, ScriptedProvider]
    key: str = ""

    async def ask(self, model: str | None) -> tuple[int, str]:
        """Status, and the model that answered or the error's code."""
        body: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
        named = body if model is None else body | {"model": model}
        headers = {"authorization": f"Bearer {self.key}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.door}/v1/chat/completions", json=named) as answer,
        ):
            if answer.status == 200:
                return 200, answer.headers["x-modelhall-model"]
            return answer.status, json.loads(await answer.text())["error"]["code"]


@pytest.fixture
async def day(operator: Client, house: OpenHouse) -> AsyncGenerator[Day]:
    scripts = {"first": like_openai, "second": like_anthropic, "third": like_a_small_one, "local": like_a_small_one}
    async with AsyncExitStack() as stack:
        servers: dict[str, ScriptedProvider] = {}
        for name, script in scripts.items():
            servers[name] = await stack.enter_async_context(scripted())
            servers[name].script = script
        house.engine.at = EngineAddress(servers["local"].address.removesuffix("/v1"), "sk-of-this-start")
        house.environment.clear()
        await find_environment(house.house)
        door = await stack.enter_async_context(serving(Starlette(routes=model_routes(house.gateway.desk))))
        yield Day(operator, door, servers)


async def test_a_whole_day_over_the_api_alone(day: Day) -> None:
    await three_profiles(day)
    await connections_are_tried(day)
    await discovered_and_synced(day)
    await activated_and_named(day)
    await called_by_every_kind_of_name(day)
    await refused_and_followed(day)
    await restored_and_undone(day)


async def three_profiles(day: Day) -> None:
    kinds = {"first": "openai", "second": "anthropic", "third": "openai-compatible"}
    for name, provider in kinds.items():
        base = day.servers[name].address if name != "second" else day.servers[name].address.removesuffix("/v1")
        body = {"provider": provider, "id": name, "base_url": base, "allow_private": True, "key": "sk-0123456789abcdef"}
        assert (await day.api.post("/profiles", body)).status == 201
    assert [each["id"] for each in (await day.api.get("/profiles")).json["items"]] == ["local", *kinds]


async def connections_are_tried(day: Day) -> None:
    for name, models in (("first", 2), ("second", 1), ("third", 1), ("local", 1)):
        told = (await day.api.post(f"/profiles/{name}/test")).json
        assert (told["ok"], told["cause"], told["model_count"]) == (True, None, models), told
    day.servers["third"].script = out_of_order
    told = (await day.api.post("/profiles/third/test")).json
    assert (told["ok"], told["cause"], bool(told["next"])) == (False, "provider_trouble", True), told
    day.servers["third"].script = like_a_small_one


async def discovered_and_synced(day: Day) -> None:
    for name, count in (("first", 2), ("second", 1), ("third", 1)):
        done = (await day.api.post(f"/profiles/{name}/sync", {})).json
        assert (done["created"], done["source"]) == (count, "provider"), done
    library = (await day.api.get("/models")).json["items"]
    assert len(library) == 5
    active = [model["name"] for model in library if model["active"]]
    assert active == [BUILT_IN], "what was synced is not switched on"
    assert [model["name"] for model in library if model["default"]] == [BUILT_IN], "free, and no choice of anybody"


async def activated_and_named(day: Day) -> None:
    everything = ["first/gpt-4.1", "first/gpt-4.1-nano", "second/claude-sonnet-4-5", "third/small"]
    done = (await day.api.post("/models/batch", {"action": "activate", "models": everything})).json
    assert (done["done"], done["refused"]) == (4, 0)
    assert (await day.api.put("/default-model", {"model": "first/gpt-4.1"})).json["default"] is True
    await day.api.put("/aliases/fast", {"models": ["third/small"]})
    coding = {"models": ["second/claude-sonnet-4-5", "first/gpt-4.1"]}
    assert (await day.api.put("/collections/coding", coding)).json["models"] == coding["models"]
    listed = (await day.api.get("/models?collection=coding")).json["items"]
    assert {model["name"] for model in listed} == set(coding["models"])
    day.key = (await day.api.post("/keys", {"name": "app"})).json["key"]


async def called_by_every_kind_of_name(day: Day) -> None:
    assert await day.ask(None) == (200, "first/gpt-4.1")
    assert await day.ask("default") == (200, "first/gpt-4.1")
    assert await day.ask(BUILT_IN) == (200, BUILT_IN)
    assert await day.ask("fast") == (200, "third/small")
    assert await day.ask("second/claude-sonnet-4-5") == (200, "second/claude-sonnet-4-5")
    assert await day.ask("gpt-4.1-nano") == (200, "first/gpt-4.1-nano")


async def refused_and_followed(day: Day) -> None:
    off = await day.api.patch("/models/first/gpt-4.1", {"active": False})
    assert (off.status, off.json["reason"]) == (409, "is_default")
    held = await day.api.delete("/models/third/small")
    assert (held.status, held.json["reason"]) == (409, "in_use")
    assert held.json["uses"] == [{"kind": "alias", "name": "fast", "model": "third/small"}]
    assert (await day.api.delete("/models/third/small?successor=first/gpt-4.1-nano")).status == 204
    assert (await day.api.get("/aliases/fast")).json["models"] == ["first/gpt-4.1-nano"]
    assert await day.ask("fast") == (200, "first/gpt-4.1-nano")
    assert await day.ask("third/small") == (404, "model_not_found")


async def restored_and_undone(day: Day) -> None:
    (gone,) = (await day.api.get("/deleted-models")).json["items"]
    assert (gone["name"], gone["restorable"]) == ("third/small", True)
    back = (await day.api.post("/deleted-models/third/small")).json
    assert (back["number"], back["active"]) == (gone["number"], False)
    assert (await day.api.post("/model-undo/third/small", {})).json["model"] is None, "the restoring is taken back"
    undone = (await day.api.post("/model-undo/third/small", {})).json
    assert (undone["action"], undone["model"]["active"], undone["kept"]) == ("model.remove", True, [])
    assert (await day.api.get("/aliases/fast")).json["models"] == ["third/small"], "as it was before the removal"
    assert await day.ask("fast") == (200, "third/small")
    past = (await day.api.get("/model-history/third/small")).json["items"]
    told = [(each["action"], each["undone"]) for each in past]
    assert ("model.remove", True) in told
    assert told[-1] == ("model.sync", False)
    assert {each["member"] for each in past} == {"owner"}
