"""Values that are stored for a model or a person, sent where a call sends none; and a person's own default."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from starlette.applications import Starlette

from modelhall.gateway.doors.routes import model_routes
from tests.gateway.hall import serving
from tests.gateway.upstream import ScriptedProvider, Sent, scripted
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

NAME = "/models/den/small"
SAID = [{"role": "user", "content": "Hi"}]


@dataclass(slots=True)
class Work:
    """The operator, the model doors, and the server behind them."""

    api: Client
    house: OpenHouse
    vendor: ScriptedProvider
    door: str
    key: str

    async def call(self, path: str = "chat/completions", **more: Any) -> tuple[Any, str, dict[str, str]]:
        """What the vendor got beside the question, what was dropped, and the receipt."""
        ask = {"model": "den/small", "messages": SAID} | more
        headers = {"authorization": f"Bearer {self.key}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.door}/v1/{path}", json=ask) as answer,
        ):
            assert answer.status == 200, await answer.text()
        await self.house.house.catch_up()
        told = await self.api.get(f"/calls/{answer.headers['x-modelhall-call']}")
        sent = dict(self.vendor.sent[-1].json)
        rest = {name: value for name, value in sent.items() if name not in ("model", "messages")}
        return rest, answer.headers.get("x-modelhall-dropped", ""), told.json["receipt"]


@pytest.fixture
async def work(operator: Client, house: OpenHouse) -> AsyncGenerator[Work]:
    async with scripted() as vendor, serving(Starlette(routes=model_routes(house.gateway.desk))) as door:
        place = {"base_url": vendor.address, "allow_private": True, "key": "sk-0123456789abcdef"}
        await operator.post("/profiles", {"provider": "openai-compatible", "id": "den", **place})
        await operator.post("/profiles/den/sync", {"models": ["small", "other"], "activate": True})
        key = (await operator.post("/keys", {"name": "app"})).json["key"]
        yield Work(operator, house, vendor, door, key)


async def test_a_models_values_are_sent_where_the_caller_sends_none_and_are_in_the_receipt(work: Work) -> None:
    stored = {"temperature": 0.2, "max_tokens": 50, "presence_penalty": -1}
    assert (await work.api.patch(NAME, {"defaults": stored})).json["defaults"] == stored
    sent, dropped, receipt = await work.call()
    assert (sent, dropped) == (stored, "")
    assert receipt["temperature"] == "0.2: stored for this model"
    sent, _, receipt = await work.call(temperature=0, max_completion_tokens=7)
    assert sent == {"temperature": 0, "max_completion_tokens": 7, "presence_penalty": -1}, "the caller's word counts"
    assert set(receipt) == {"model", "presence_penalty"}
    await work.api.patch(NAME, {"defaults": {"max_tokens": None, "presence_penalty": None, "temperature": None}})
    assert await work.call() == ({}, "", {"model": "small"})


async def test_a_persons_own_values_come_before_the_models(work: Work) -> None:
    await work.api.patch(NAME, {"defaults": {"temperature": 0.2, "top_p": 0.5}})
    body = {"model_parameters": {"temperature": 1.2, "max_tokens": 40}}
    assert (await work.api.patch("/preferences", body)).json["model_parameters"] == body["model_parameters"]
    sent, _, receipt = await work.call()
    assert sent == {"temperature": 1.2, "top_p": 0.5, "max_tokens": 40}
    assert receipt["temperature"] == "1.2: your own stored value"
    await work.api.patch("/preferences", {"model_parameters": {"temperature": None}})
    assert (await work.call())[0]["temperature"] == 0.2
    assert (await work.api.get("/preferences")).json["model_parameters"] == {"max_tokens": 40}


async def test_stored_values_are_translated_renamed_and_brought_into_range_like_a_callers(work: Work) -> None:
    said = {"temperature": {"max": 1}, "max_tokens": {"sent_as": "max_completion_tokens"}, "top_p": {"taken": False}}
    await work.api.patch(NAME, {"parameters": said, "defaults": {"temperature": 1.5, "max_tokens": 9, "top_p": 0.5}})
    sent, dropped, receipt = await work.call()
    assert (sent, dropped) == ({"temperature": 1, "max_completion_tokens": 9}, "")
    assert receipt["temperature"] == "1.5: stored for this model; 1.5 → 1: the model takes at most 1"
    assert receipt["max_tokens"] == "9: stored for this model; sent as max_completion_tokens"
    explained = (await work.api.post("/explain", {"request": {"model": "den/small", "messages": SAID}})).json
    assert explained["changes"]["temperature"] == receipt["temperature"]


async def test_a_stored_limit_takes_the_place_of_the_one_that_a_dialect_requires(work: Work) -> None:
    place = {"base_url": work.vendor.address, "allow_private": True, "key": "sk-0123456789abcdef"}
    await work.api.post("/profiles", {"provider": "anthropic-compatible", "id": "claude", **place})
    await work.api.post("/profiles/claude/sync", {"models": ["small"], "activate": True})
    stored = {"max_tokens": 77, "temperature": 0.3, "frequency_penalty": 1}
    await work.api.patch("/models/claude/small", {"defaults": stored})
    work.vendor.script = claude
    sent, dropped, receipt = await work.call(model="claude/small")
    assert (sent["max_tokens"], sent["temperature"], "frequency_penalty" in sent) == (77, 0.3, False)
    assert (dropped, receipt["max_tokens"]) == ("frequency_penalty", "77: stored for this model")
    assert "output_limit" not in receipt


async def test_of_a_stored_limit_and_one_that_a_budget_needs_the_smaller_counts(work: Work) -> None:
    await work.api.put("/prices/den/small", {"input_per_mtok": "1", "output_per_mtok": "1"})
    work.key = (await work.api.post("/keys", {"name": "poor", "budget_usd": "0.003"})).json["key"]
    await work.api.patch(NAME, {"defaults": {"max_tokens": 50}})
    sent, _, receipt = await work.call()
    assert (sent["max_tokens"], "output_limit" in receipt) == (50, False)
    await work.api.patch(NAME, {"defaults": {"max_tokens": 4000}})
    sent, _, receipt = await work.call()
    assert 256 <= sent["max_tokens"] < 3000
    assert receipt["output_limit"] == f"{sent['max_tokens']}: what the budget has left"


async def test_a_stored_limit_beyond_what_is_known_of_the_model_is_held_for(work: Work) -> None:
    await work.api.put("/prices/den/small", {"input_per_mtok": "1", "output_per_mtok": "1"})
    await work.api.patch(NAME, {"defaults": {"max_tokens": 100_000}})
    told = await work.api.post("/explain", {"request": {"model": "den/small", "messages": SAID}})
    assert told.json["most_output"] == 100_000
    work.key = (await work.api.post("/keys", {"name": "poor", "budget_usd": "0.05"})).json["key"]
    sent, _, receipt = await work.call()
    assert sent["max_tokens"] < 50_000, "what the budget cannot hold is not sent"
    assert receipt["output_limit"] == f"{sent['max_tokens']}: what the budget has left"


async def claude(_sent: Sent, _request: web.Request) -> web.StreamResponse:
    content = [{"type": "text", "text": "Hi."}]
    told = {"id": "msg_1", "type": "message", "role": "assistant", "model": "small", "content": content}
    usage = {"input_tokens": 1, "output_tokens": 1}
    return web.json_response(told | {"stop_reason": "end_turn", "stop_sequence": None, "usage": usage})


async def test_a_persons_own_default_comes_before_the_organisations(work: Work) -> None:
    await work.api.put("/default-model", {"model": "den/other"})
    await work.call(model="default")
    assert work.vendor.sent[-1].json["model"] == "other"
    assert (await work.api.patch("/preferences", {"default_model": "den/small"})).json["default_model"] == "den/small"
    await work.call(model="default")
    assert work.vendor.sent[-1].json["model"] == "small"
    await work.api.patch("/preferences", {"default_model": None})
    await work.call(model="default")
    assert work.vendor.sent[-1].json["model"] == "other"
    await work.api.patch(NAME, {"active": False})
    refused = await work.api.patch("/preferences", {"default_model": "den/small"})
    assert (refused.status, refused.json["reason"]) == (409, "not_active")


@ON_SQLITE
@pytest.mark.parametrize(
    "stored",
    [
        {"temperature": 2.5},
        {"top_p": -0.1},
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"seed": 1},
        {"temperature": "hot"},
        {"temperature": True},
    ],
    ids=str,
)
async def test_a_value_that_makes_no_sense_is_not_stored(work: Work, stored: dict[str, Any]) -> None:
    assert (await work.api.patch(NAME, {"defaults": stored})).status == 400
    assert (await work.api.patch("/preferences", {"model_parameters": stored})).status == 400


@ON_SQLITE
async def test_a_stored_limit_is_at_most_what_the_model_writes(work: Work) -> None:
    await work.api.post("/profiles", {"provider": "openai", "id": "real", "key": "sk-0123456789abcdef"})
    await work.api.post("/profiles/real/sync", {"models": ["gpt-4.1"]})
    told = await work.api.patch("/models/real/gpt-4.1", {"defaults": {"max_tokens": 40_000}})
    assert (told.status, "32768" in told.json["detail"]) == (400, True)


async def test_a_profiles_values_and_default_are_set_shown_and_taken_back(work: Work) -> None:
    wishes = {"default_model": "small", "parameters": {"temperature": 0.4, "stop": ["END"]}}
    told = await work.api.patch("/profiles/den", wishes)
    assert (told.json["default_model"], told.json["parameters"]) == ("den/small", wishes["parameters"])
    sent, _, receipt = await work.call(model="den/default")
    assert (sent, work.vendor.sent[-1].json["model"]) == (wishes["parameters"], "small")
    assert receipt["temperature"] == "0.4: stored for its profile"
    explained = (await work.api.post("/explain", {"request": {"model": "den/default", "messages": SAID}})).json
    assert explained["why"] == "the profile's default"
    (exported,) = tomllib.loads((await work.api.get("/export")).body.decode())["profile"]
    assert (exported["default_model"], exported["parameters"]) == ("den/small", wishes["parameters"])
    held = await work.api.delete(NAME)
    assert held.json["uses"] == [{"kind": "profile_default", "name": "den", "model": "den/small"}]
    await work.api.post("/models/batch", {"action": "remove", "models": ["den/small"], "successor": "den/other"})
    assert (await work.api.get("/profiles/den")).json["default_model"] == "den/other"
    told = await work.api.patch("/profiles/den", {"default_model": None, "parameters": {"stop": None}})
    assert (told.json["default_model"], told.json["parameters"]) == (None, {"temperature": 0.4})
    assert (await work.api.delete("/profiles/den?force=true")).status == 204


@ON_SQLITE
async def test_a_profiles_default_is_one_of_its_own_models_and_says_when_it_is_switched_off(work: Work) -> None:
    assert (await work.api.patch("/profiles/den", {"default_model": "local/smollm2-135m-instruct"})).status == 404
    await work.api.patch("/profiles/den", {"default_model": "den/small"})
    await work.api.patch(NAME, {"active": False})
    told = (await work.api.post("/explain", {"request": {"model": "den/default", "messages": SAID}})).json
    assert told["refusal"]["code"] == "model_inactive"
    made = await work.api.post("/profiles", {"provider": "openai", "id": "two", "parameters": {"temperature": 3}})
    assert (made.status, made.json["errors"][0]["field"]) == (400, "parameters.temperature")


@ON_SQLITE
async def test_a_call_without_a_key_has_its_members_default_and_values(work: Work) -> None:
    await work.api.put("/default-model", {"model": "den/other"})
    await work.api.patch("/preferences", {"default_model": "den/small", "model_parameters": {"temperature": 0.1}})
    caller = work.house.gateway.desk.snapshot.caller_without_key(work.house.house.operator)
    assert caller.defaults[0][1] == "the member's default"
    told = (await work.api.post("/explain", {"request": {"messages": SAID}})).json
    assert (told["model"], told["why"]) == ("den/small", "the member's default")
    assert told["changes"]["temperature"] == "0.1: your own stored value"
