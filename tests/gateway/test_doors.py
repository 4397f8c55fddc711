"""The doors: who is let in with what, how refusals look to each kind of client, what is listed."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from aiohttp import web

from modelhall.domain.people import Role
from modelhall.domain.virtual_keys import new_key
from modelhall.gateway.desk import Bounds
from modelhall.gateway.upstream import Deadlines
from modelhall.storage.tables.money import rollups
from tests.gateway.hall import Hall
from tests.gateway.upstream import ROLE, Sent, event, streamed
from tests.storage.ledger_seeds import rows

ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "api-key", "x-goog-api-key"])
async def test_a_key_works_in_any_of_its_headers(small_hall: Hall, header: str) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    value = f"Bearer {key}" if header == "authorization" else key
    assert (await small_hall.call(CHAT, ASK, "", **{header: value})).status == 200


async def test_who_is_not_let_in(small_hall: Hall) -> None:
    await small_hall.model("small")
    good = await small_hall.key()
    expired = await small_hall.key(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    for headers, status, code in (
        ({}, 401, "no_key"),
        ({"authorization": "Bearer nonsense"}, 401, "unknown_key"),
        ({"authorization": f"Bearer {new_key()}"}, 401, "unknown_key"),
        ({"authorization": f"Bearer {expired}"}, 401, "key_expired"),
        ({"authorization": f"Bearer {good}", "x-api-key": new_key()}, 400, "two_keys"),
        ({"cookie": f"key={good}"}, 401, "no_key"),
    ):
        answer = await small_hall.call(CHAT, ASK, "", **headers)
        assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert (await small_hall.call(f"{CHAT}?key={good}", ASK, "")).status == 401
    assert (await small_hall.call(CHAT, ASK, good, **{"x-api-key": good})).status == 200
    assert len(small_hall.provider.sent) == 1


async def test_names_mean_alias_full_name_bare_id_or_default(small_hall: Hall) -> None:
    model = await small_hall.model("small")
    key = await small_hall.key(default_model_id=model.id)
    plain = await small_hall.key()
    assert (await small_hall.call(CHAT, ASK | {"model": "small"}, plain)).status == 200
    assert (await small_hall.call(CHAT, ASK | {"model": "default"}, key)).status == 200
    del (unnamed := dict(ASK))["model"]
    assert (await small_hall.call(CHAT, unnamed, key)).status == 200
    assert small_hall.provider.sent[-1].json["model"] == "small"
    without_default = await small_hall.call(CHAT, unnamed, plain)
    assert (without_default.status, without_default.json["error"]["code"]) == (404, "model_not_found")


async def test_an_unknown_name_is_answered_with_the_nearest_ones_this_key_may_call(small_hall: Hall) -> None:
    model = await small_hall.model("small-chat-model")
    await small_hall.model("small-chat-secret")
    key = await small_hall.key(models=(model.id,))
    answer = await small_hall.call(CHAT, ASK | {"model": "smal-chat-model"}, key)
    assert answer.status == 404
    assert "mock/small-chat-model" in answer.json["error"]["message"]
    assert "secret" not in answer.json["error"]["message"]
    foreign = await small_hall.call(CHAT, ASK | {"model": "mock/small-chat-secret"}, key)
    absent = await small_hall.call(CHAT, ASK | {"model": "mock/small-chat-absent"}, key)
    assert foreign.json["error"]["message"].replace("secret", "absent") == absent.json["error"]["message"]


async def test_inactive_quarantined_and_incapable_models_say_why(small_hall: Hall) -> None:
    await small_hall.model("asleep", active=False)
    await small_hall.model("ill", quarantined_because="it lost its privacy status")
    await small_hall.model("blind", capabilities={"vision": False})
    key = await small_hall.key()
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    for model, content, status, words in (
        ("asleep", "Hi", 403, "not active"),
        ("ill", "Hi", 403, "it lost its privacy status"),
        ("blind", [picture], 400, "vision"),
    ):
        answer = await small_hall.call(
            CHAT, ASK | {"model": model, "messages": [{"role": "user", "content": content}]}, key
        )
        assert answer.status == status
        assert words in answer.json["error"]["message"]


async def test_lists_come_in_the_shape_of_who_asks_and_leave_hidden_models_out(small_hall: Hall) -> None:
    first = await small_hall.model("a-model", maker="Maker")
    await small_hall.model("b-hidden", hidden=True)
    await small_hall.model("c-asleep", active=False)
    key = await small_hall.key()
    openai = (await small_hall.get("/v1/models", key)).json
    assert [(each["id"], each["owned_by"]) for each in openai["data"]] == [("mock/a-model", "Maker")]
    anthropic = (await small_hall.get("/v1/models", key, **{"anthropic-version": "2023-06-01"})).json
    assert (anthropic["data"][0]["display_name"], anthropic["has_more"]) == (first.name, False)
    assert (await small_hall.get("/v1/models/mock/b-hidden", key)).json["id"] == "mock/b-hidden"
    assert (await small_hall.get("/v1/models/mock/absent", key)).status == 404
    assert (await small_hall.get("/v1/models")).status == 401
    none = await small_hall.key(models=())
    assert (await small_hall.get("/v1/models", none)).json["data"] == []


async def test_errors_have_the_shape_of_their_dialect(small_hall: Hall) -> None:
    openai = await small_hall.call(CHAT, b"{", await small_hall.key())
    assert (openai.status, openai.json["error"]["type"]) == (400, "invalid_request_error")
    anthropic = await small_hall.call("/v1/messages", ASK, "")
    assert (anthropic.json["type"], anthropic.json["error"]["type"]) == ("error", "authentication_error")
    assert anthropic.json["request_id"] == anthropic.headers["request-id"]
    elsewhere = await small_hall.call("/v1/nothing/here", ASK, "")
    assert (elsewhere.status, elsewhere.json["error"]["code"]) == (404, "not_found")


async def test_bodies_are_bounded_in_size_and_time(small_hall: Hall) -> None:
    key = await small_hall.key()
    small_hall.bounds[0] = Bounds(body_bytes=1_000, body_seconds=0.2)
    assert (await small_hall.call(CHAT, b"x" * 1_001, key)).status == 413

    async def endless():
        for _ in range(100):
            yield b"x" * 100

    async def slow():
        yield b"{"
        await asyncio.sleep(2)
        yield b"}"

    headers = {"authorization": f"Bearer {key}"}
    async with small_hall.client.post(small_hall.address + CHAT, data=endless(), headers=headers) as response:
        assert response.status == 413
    async with small_hall.client.post(small_hall.address + CHAT, data=slow(), headers=headers) as response:
        assert response.status == 408


@pytest.mark.timed
async def test_silence_of_the_provider_ends_at_its_deadline(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    small_hall.bounds[0] = Bounds(deadlines=Deadlines(first_byte=0.3, idle=0.4, total=30))

    async def silent(sent: Sent, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(20)
        raise AssertionError("nobody left")

    async def falters(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, [ROLE + event("Hel"), event("lo")], pause=5)

    small_hall.provider.script = silent
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await small_hall.call(CHAT, ASK, key)
    assert (answer.status, answer.json["error"]["code"]) == (504, "deadline_exceeded")
    assert 0.25 < loop.time() - began < 0.7
    small_hall.provider.script = falters
    began = loop.time()
    cut = await small_hall.call(CHAT, ASK | {"stream": True}, key)
    assert b"deadline_exceeded" in cut.body
    assert b"[DONE]" not in cut.body
    assert 0.35 < loop.time() - began < 0.8
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["deadline", "deadline"]


async def test_more_calls_at_once_than_allowed_are_refused_and_nothing_leaks(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    small_hall.bounds[0] = Bounds(calls_at_once=2)

    async def slow(sent: Sent, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return web.json_response({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})

    small_hall.provider.script = slow
    statuses = [answer.status for answer in await asyncio.gather(*(small_hall.call(CHAT, ASK, key) for _ in range(6)))]
    assert sorted(statuses) == [200, 200, 503, 503, 503, 503]
    assert small_hall.gateway.desk.meters.in_flight == 0


async def test_a_stopping_server_refuses_new_calls_and_says_it_is_not_ready(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    assert (await small_hall.get("/readyz")).json["parts"]["snapshot"] == "ok"
    small_hall.gateway.desk.draining = True
    refused = await small_hall.call(CHAT, ASK, key)
    assert (refused.status, refused.json["error"]["code"]) == (503, "not_ready")
    ready = await small_hall.get("/readyz")
    assert (ready.status, ready.json["parts"]["serving"]) == (503, "stopping")
    assert (await small_hall.get("/healthz")).status == 200


async def test_a_wrong_master_key_is_own_trouble_and_never_the_callers_fault(small_hall: Hall) -> None:
    key = await small_hall.key()
    small_hall.vault.locked_because = "the master key is not this database's"
    answer = await small_hall.call(CHAT, ASK, key)
    assert (answer.status, answer.json["error"]["code"]) == (503, "master_key_mismatch")
    assert (await small_hall.get("/readyz")).status == 503


async def test_counters_are_for_service_keys(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})
    plain, service = await small_hall.key(), await small_hall.key(role=Role.VIEWER)
    await small_hall.call(CHAT, ASK, plain)
    await small_hall.call(CHAT, ASK, "nonsense")
    assert (await small_hall.get("/metrics")).status == 401
    assert (await small_hall.get("/metrics", plain)).status == 403
    text = (await small_hall.get("/metrics", service)).body.decode()
    assert 'modelhall_attempts_total{model="small",profile="mock",status="ok"} 1.0' in text
    assert 'modelhall_refusals_total{code="unknown_key"} 1.0' in text
    assert 'modelhall_tokens_total{class="output",model="small",profile="mock"} 100.0' in text


async def test_a_refused_call_is_counted_in_the_roll_ups_under_its_reason(small_hall: Hall) -> None:
    key = await small_hall.key()
    await small_hall.call(CHAT, ASK, key)
    await small_hall.settled()
    async with small_hall.database.read() as connection:
        found = await connection.execute(sa.select(rollups.c.grain, rollups.c.outcome, rollups.c.attempts))
        assert sorted(map(tuple, found)) == [
            ("day", "model_not_found", 1),
            ("minute", "model_not_found", 1),
            ("quarter", "model_not_found", 1),
        ]


async def test_a_kept_connection_that_died_is_tried_once_more(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    tries = 0

    async def dies_once(sent: Sent, request: web.Request) -> web.StreamResponse:
        nonlocal tries
        tries += 1
        if tries == 2:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})

    small_hall.provider.script = dies_once
    assert (await small_hall.call(CHAT, ASK, key)).status == 200
    answer = await small_hall.call(CHAT, ASK, key)
    assert (answer.status, answer.headers["x-modelhall-attempts"]) == (200, "2")
    await small_hall.settled()
    written = [(row["number"], row["status"]) for row in await rows(small_hall.database)]
    assert written == [(1, "ok"), (1, "failed"), (2, "ok")]


async def test_a_private_address_needs_a_yes(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    desk = small_hall.gateway.desk
    library = desk.snapshot.libraries[small_hall.organisation.id]
    (target,) = library.targets.values()
    no_yes = replace(target, profile=replace(target.profile, allow_private=False))
    library.targets[target.model.id] = no_yes  # pyright: ignore[reportIndexIssue] - the next snapshot would say the same
    answer = await small_hall.call(CHAT, ASK, key)
    assert (answer.status, answer.json["error"]["code"]) == (503, "address_not_allowed")
    assert small_hall.provider.sent == []


async def test_an_unreachable_provider_is_told_so(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})
    key = await small_hall.key(budget="1")
    desk = small_hall.gateway.desk
    library = desk.snapshot.libraries[small_hall.organisation.id]
    (target,) = library.targets.values()
    nowhere = replace(target, profile=replace(target.profile, base_url="http://127.0.0.1:9/v1"))
    library.targets[target.model.id] = nowhere  # pyright: ignore[reportIndexIssue] - the next snapshot would say the same
    answer = await small_hall.call(CHAT, ASK, key)
    assert (answer.status, answer.json["error"]["code"]) == (502, "provider_unreachable")
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["cost"], row["unconfirmed"]) == ("failed", 0, None)
