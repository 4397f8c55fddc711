"""Trials go through the same relay and ledger as any call; a probe writes down what was seen."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web

from modelhall.domain.people import Role
from tests.api.test_policy import client_of
from tests.gateway.upstream import ScriptedProvider, Sent, chat, cut_after, event, plain, scripted, streamed
from tests.support.asgi import Client
from tests.support.house import OpenHouse

PRICES = {"input_per_mtok": "1", "output_per_mtok": "2"}
UP = {"profile": "up", "model_id": "small"}


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    """A provider on loopback that answers as a test wants."""
    async with scripted() as provider:
        yield provider


@pytest.fixture
async def up(operator: Client, server: ScriptedProvider) -> Client:
    """The operator of a house with a profile `up` of that provider."""
    body = {"provider": "openai-compatible", "id": "up", "base_url": server.address, "allow_private": True}
    assert (await operator.post("/profiles", {**body, "key": "sk-0123456789abcdef"})).status == 201
    return operator


async def test_a_saved_model_is_tried_before_it_is_switched_on(up: Client, server: ScriptedProvider) -> None:
    await up.post("/models", {**UP, "prices": PRICES})
    trial = (await up.post("/models/test", {"model": "up/small", "prompt": "Say hello.", "max_tokens": 50})).json
    assert (trial["ok"], trial["saved"], trial["answer"], trial["finish_reason"]) == (True, True, "Hello", "stop")
    assert (trial["input_tokens"], trial["output_tokens"], trial["cost"]) == (10, 3, "0.000016")
    assert 0 <= trial["first_token_ms"] <= trial["total_ms"]
    assert float(trial["bound"]) >= float(trial["cost"])
    assert "usage" in trial["receipt"]
    sent = server.sent[0].json
    assert (sent["model"], sent["messages"], sent["max_tokens"]) == (
        "small",
        [{"role": "user", "content": "Say hello."}],
        50,
    )
    row = (await up.get(f"/calls/{trial['call']}")).json["attempts"][0]
    assert (row["model"], row["status"], row["cost"]) == ("up/small", "ok", "0.000016")
    assert (await up.get("/models/up/small")).json["active"] is False


async def test_a_described_model_is_tried_without_being_saved(up: Client) -> None:
    body = {"new_model": {**UP, "prices": {"input_per_token": "1", "output_per_token": "2"}}}
    trial = (await up.post("/models/test", body)).json
    assert (trial["ok"], trial["saved"], trial["answer"], trial["cost"]) == (True, False, "Hello", "16")
    assert all("was it meant per million tokens?" in words for words in trial["warnings"])
    assert (await up.get("/models/up/small")).status == 404
    rows = (await up.get("/usage")).json["rows"]
    assert [(row["model"], row["cost"]) for row in rows] == [("up/small", "16")]
    assert (await up.post("/models", {**UP, "prices": PRICES})).status == 201


async def test_what_a_person_says_of_an_answer_is_kept_with_the_model(up: Client, house: OpenHouse) -> None:
    await up.post("/models", {**UP, "prices": PRICES})
    trial = (await up.post("/models/test", {"model": "up/small"})).json
    place = f"/calls/{trial['call']}/verdict"
    told = (await up.put(place, {"rating": 2, "note": "too short"})).json
    assert (told["model"], told["count"], told["mean_rating"]) == ("up/small", 1, "2.00")
    (said,) = told["items"]
    assert (said["rating"], said["note"], said["member"], said["call"]) == (2, "too short", "owner", trial["call"])
    assert 0 <= said["first_token_ms"] <= said["total_ms"]
    assert (await up.put(place, {"rating": 5})).json["count"] == 1, "the second word takes the place of the first"
    other = (await up.post("/models/test", {"new_model": UP | {"model_id": "small"}})).json
    await up.put(f"/calls/{other['call']}/verdict", {"rating": 4})
    viewer = await client_of(up, house, Role.VIEWER)
    told = (await viewer.get("/model-verdicts/up/small")).json
    assert (told["count"], told["mean_rating"], [each["rating"] for each in told["items"]]) == (2, "4.50", [4, 5])
    assert (await (await client_of(up, house, Role.MEMBER)).put(place, {"rating": 1})).status == 404, "not their call"
    assert (await up.put(place, {"rating": 6})).status == 400
    assert (await up.get("/model-verdicts/up/none")).json == {
        "model": "up/none",
        "count": 0,
        "mean_rating": None,
        "items": [],
    }
    rows = [row for row in (await up.get("/audit")).json["items"] if row["action"] == "model.rate"]
    assert [row["after"]["rating"] for row in rows] == [4, 5, 2]


async def test_every_form_of_a_model_can_be_tried(up: Client, server: ScriptedProvider) -> None:
    form = {
        "name": "Mine",
        "model_id": "custom/mine",
        "provider": "up",
        "api_endpoint": f"{server.address}/chat/completions",
        "cost_per_1k_tokens": {"input": 0.001, "output": 0.002},
    }
    trial = (await up.post("/models/test", {"new_model": form})).json
    assert (trial["model"], trial["cost"]) == ("up/custom/mine", "0.000016")


async def test_a_failure_is_a_result(up: Client, server: ScriptedProvider) -> None:
    await up.post("/models", UP)

    async def refuse(_sent: Sent, _request: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "no such model"}}, status=404)

    server.script = refuse
    trial = await up.post("/models/test", {"model": "up/small"})
    assert trial.status == 200
    assert (trial.json["ok"], trial.json["answer"]) == (False, "")
    assert trial.json["error"]["code"] == "provider_lacks_model"
    server.script = cut_after([event("Hal")])
    cut = (await up.post("/models/test", {"model": "up/small"})).json
    assert (cut["ok"], cut["answer"], cut["finish_reason"]) == (False, "Hal", None)
    assert cut["call"]


async def test_a_budget_holds_for_trials_as_for_every_call(up: Client, house: OpenHouse) -> None:
    await up.post("/models", {**UP, "prices": {"input_per_mtok": "1000", "output_per_mtok": "2000"}})
    body = {"name": "poor", "role": "member", "budget_usd": "0.01"}
    key = (await up.post("/keys", body)).json["key"]
    poor = Client(up.application, {"authorization": f"Bearer {key}"}, root_path=up.root_path)
    trial = (await poor.post("/models/test", {"model": "up/small"})).json
    assert (trial["ok"], trial["error"]["code"], trial["call"]) == (False, "budget_exceeded", None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"model": "up/small", "new_model": UP}, 400),
        ({"model": "up/none"}, 404),
        ({"model": "up/small", "prompt": ""}, 400),
        ({"model": "up/small", "max_tokens": 0}, 400),
        ({"new_model": {"profile": "none", "model_id": "x"}}, 404),
        ({"new_model": {"provider": "openrouter", "name": "x", "model_id": "x"}}, 400),
    ],
    ids=str,
)
async def test_what_cannot_be_tried_is_refused(up: Client, body: dict[str, Any], status: int) -> None:
    assert (await up.post("/models/test", body)).status == status


async def test_viewers_try_nothing(up: Client, house: OpenHouse) -> None:
    viewer = await client_of(up, house, Role.VIEWER)
    for path in ("/models/test", "/models/probe"):
        assert (await viewer.post(path, {"model": "up/small"})).json["code"] == "role_too_low"


async def able(sent: Sent, request: web.Request) -> web.StreamResponse:
    """A model that calls tools, keeps to a form and thinks, but is sent no pictures."""
    asked = sent.json
    if asked.get("stream"):
        return await plain(sent, request)
    message: dict[str, Any] = {"role": "assistant", "content": "Three."}
    if "tools" in asked:
        call = {"id": "1", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    elif "response_format" in asked:
        message["content"] = json.dumps({"colour": "green"})
    elif isinstance(asked["messages"][0]["content"], list):
        return web.json_response({"error": {"message": "this model takes no images"}}, status=400)
    answer = chat()
    answer["choices"][0]["message"] = message
    if "reasoning_effort" in asked:
        answer["usage"]["completion_tokens_details"] = {"reasoning_tokens": 40}
    return web.json_response(answer)


async def test_a_probe_says_first_what_it_can_cost_and_sends_nothing(up: Client, server: ScriptedProvider) -> None:
    await up.post("/models", {**UP, "prices": PRICES, "capabilities": {"vision": True}})
    plan = (await up.post("/models/probe", {"model": "up/small", "dry_run": True})).json
    assert [each["capability"] for each in plan["results"]] == [
        *("streaming", "tools", "json_schema", "vision", "reasoning")
    ]
    assert {each["seen"] for each in plan["results"]} == {None}
    assert float(plan["bound"]) == pytest.approx(sum(float(each["bound"]) for each in plan["results"]))
    assert (plan["cost"], server.sent) == ("0", [])


async def test_what_was_seen_stays_with_the_model_with_its_date(up: Client, server: ScriptedProvider) -> None:
    await up.post("/models", {**UP, "prices": PRICES, "capabilities": {"vision": True}})
    server.script = able
    probing = (await up.post("/models/probe", {"model": "up/small"})).json
    seen = {each["capability"]: each["seen"] for each in probing["results"]}
    assert seen == {"streaming": True, "tools": True, "json_schema": True, "vision": False, "reasoning": True}
    assert all(each["call"] and each["cost"] for each in probing["results"] if each["seen"])
    assert 0 < float(probing["cost"]) <= float(probing["bound"])
    model = (await up.get("/models/up/small")).json
    assert {name: model["capabilities"][name] for name in seen} == seen
    source = model["sources"]["capabilities.vision"]
    assert (source["source"], source["disagreeing"], len(source["as_of"])) == ("seen", ["person: yes"], 10)
    (change,) = (await up.get("/audit?kind=model&limit=1")).json["items"]
    assert (change["action"], change["after"]["seen"]) == ("model.probe", seen)


async def test_what_says_nothing_is_not_written_down(up: Client, server: ScriptedProvider) -> None:
    await up.post("/models", {**UP, "prices": PRICES, "capabilities": {"tools": True}})
    probing = (await up.post("/models/probe", {"model": "up/small", "only": ["tools", "vision", "reasoning"]})).json
    assert {each["capability"]: each["seen"] for each in probing["results"]} == {
        "tools": None,
        "vision": None,
        "reasoning": None,
    }
    assert (await up.get("/models/up/small")).json["capabilities"] == {"tools": True}


async def test_a_server_that_does_not_answer_is_asked_once(up: Client, server: ScriptedProvider) -> None:
    await up.post("/models", {**UP, "prices": PRICES})

    async def broken(_sent: Sent, _request: web.Request) -> web.Response:
        return web.Response(status=401)

    server.script = broken
    probing = (await up.post("/models/probe", {"model": "up/small"})).json
    assert [each["words"] for each in probing["results"][1:]] == ["not tried"] * 4
    assert len(server.sent) == 1


async def test_what_the_library_believes_does_not_keep_a_probe_from_asking(
    up: Client, server: ScriptedProvider
) -> None:
    await up.post("/models", {**UP, "capabilities": {"tools": False}})
    server.script = able
    probing = (await up.post("/models/probe", {"model": "up/small", "only": ["tools"]})).json
    assert (probing["results"][0]["claimed"], probing["results"][0]["seen"]) == (False, True)
    assert (await up.get("/models/up/small")).json["capabilities"]["tools"] is True


async def test_an_answer_that_cannot_be_read_is_no_fault_of_ours(up: Client, server: ScriptedProvider) -> None:
    await up.post("/models", UP)

    async def odd(_sent: Sent, request: web.Request) -> web.StreamResponse:
        pieces = [b'data: {"choices":[{"delta":{"content":["x"],"tool_calls":7}}]}\n\n', b"data: [DONE]\n\n"]
        return await streamed(request, pieces)

    server.script = odd
    trial = await up.post("/models/test", {"model": "up/small"})
    assert (trial.status, trial.json["ok"]) == (200, False)
