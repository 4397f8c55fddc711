"""Where a call goes when its first target does not take it: next keys, next targets, pauses, the breaker, ceilings."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from modelhall.domain.library import Secret
from modelhall.gateway.desk import Bounds
from modelhall.gateway.health import FAILURES_IN_A_ROW, PROBE_S
from modelhall.gateway.upstream import Deadlines
from tests.gateway.hall import Answer, Hall
from tests.gateway.upstream import DONE, ROLE, Handler, Sent, cut_after, event, plain, streamed
from tests.storage.ledger_seeds import rows

ASK = {"model": "sturdy", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"
RATES = {"input": "1", "output": "2"}


def at_first(failing: Handler, model_id: str = "first") -> Handler:
    """This model fails, every other one answers."""

    async def handle(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await (failing if sent.json["model"] == model_id else plain)(sent, request)

    return handle


def status(code: int, **headers: str) -> Handler:
    async def handle(sent: Sent, request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=code, headers=headers)

    return handle


async def reset(sent: Sent, request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def garbage(sent: Sent, request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>all is well</html>", content_type="text/html")


async def silent(sent: Sent, request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


async def pair(hall: Hall, *, second: dict[str, str] | None = None, ceiling: str | None = None, **more: Any) -> None:
    """An alias of two models."""
    first = await hall.model("first", RATES)
    await hall.alias("sturdy", first, await hall.model("second", second or RATES, **more), ceiling=ceiling)


def asked(hall: Hall) -> list[str]:
    return [sent.json["model"] for sent in hall.provider.sent]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "failing", [status(500), status(429), status(401), status(404), reset, garbage, cut_after([ROLE])]
)
async def test_what_fails_before_its_first_content_is_answered_by_the_next_target(
    small_hall: Hall, failing: Handler, stream: bool
) -> None:
    await pair(small_hall)
    small_hall.provider.script = at_first(failing)
    answer = await small_hall.call(CHAT, ASK | {"stream": stream}, await small_hall.key("1"))
    assert answer.status == 200, answer.body
    assert answer.headers["x-modelhall-model"] == "mock/second"
    assert asked(small_hall) == ["first", "second"]
    await small_hall.settled()
    tried = [(row["model"], row["number"], row["status"]) for row in await rows(small_hall.database)]
    assert tried[0][:2] == ("mock/first", 1)
    assert tried[0][2] != "ok"
    assert tried[1] == ("mock/second", 2, "ok")


@pytest.mark.timed
async def test_a_silent_target_is_left_when_its_time_is_over(small_hall: Hall) -> None:
    await pair(small_hall)
    small_hall.bounds[0] = Bounds(deadlines=Deadlines(first_byte=0.3))
    small_hall.provider.script = at_first(silent)
    began = time.monotonic()
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, answer.headers["x-modelhall-attempts"]) == (200, "2")
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("code", [400, 413, 422])
async def test_what_the_provider_refuses_is_not_tried_elsewhere(small_hall: Hall, code: int) -> None:
    await pair(small_hall)
    small_hall.provider.script = at_first(status(code))
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, asked(small_hall)) == (400, ["first"])


async def test_after_the_first_content_nothing_changes_any_more(small_hall: Hall) -> None:
    await pair(small_hall)
    small_hall.provider.script = at_first(cut_after([ROLE, event("Hel")]))
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert asked(small_hall) == ["first"]
    assert b"provider_cut" in answer.body
    assert DONE not in answer.body


async def test_no_more_than_three_attempts_are_made_and_the_last_failure_is_told(small_hall: Hall) -> None:
    models = [await small_hall.model(f"m{number}", RATES) for number in range(5)]
    await small_hall.alias("sturdy", *models)
    small_hall.provider.script = status(500)
    answer = await small_hall.call(CHAT, ASK, await small_hall.key("1"))
    assert (answer.status, answer.json["error"]["code"]) == (502, "provider_broke")
    assert asked(small_hall) == ["m0", "m1", "m2"]


async def test_a_dearer_target_is_not_used_unless_the_ceiling_says_so(small_hall: Hall) -> None:
    dear = {"input": "5", "output": "9"}
    await pair(small_hall, second=dear)
    small_hall.provider.script = at_first(status(500))
    answer = await small_hall.call(CHAT, ASK, key := await small_hall.key())
    assert (answer.status, asked(small_hall)) == (502, ["first"])
    first = await small_hall.model("first-b", RATES)
    await small_hall.alias("costly", first, await small_hall.model("second-b", dear), ceiling="9")
    small_hall.provider.script = at_first(status(500), "first-b")
    answer = await small_hall.call(CHAT, ASK | {"model": "costly"}, key)
    assert (answer.status, answer.headers["x-modelhall-model"]) == (200, "mock/second-b")


async def test_a_target_that_cannot_do_what_is_asked_is_passed_over(small_hall: Hall) -> None:
    first = await small_hall.model("first", RATES, capabilities={"tools": False})
    await small_hall.alias("sturdy", first, await small_hall.model("second", RATES))
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    answer = await small_hall.call(CHAT, ASK | {"tools": [tool]}, await small_hall.key())
    assert (answer.status, asked(small_hall)) == (200, ["second"])
    assert answer.headers["x-modelhall-attempts"] == "1"


async def test_the_next_target_may_speak_the_other_dialect(small_hall: Hall) -> None:
    async def claude(sent: Sent, request: web.Request) -> web.StreamResponse:
        if sent.path.endswith("chat/completions"):
            return web.json_response({}, status=503)
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "second",
            "content": [{"type": "text", "text": "Good day."}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 3, "output_tokens": 4},
        }
        return web.json_response(message)

    await pair(small_hall, profile="claude")
    small_hall.provider.script = claude
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert answer.status == 200, answer.body
    assert answer.json["choices"][0]["message"]["content"] == "Good day."


async def test_a_budget_covers_every_attempt_that_may_be_charged(hall: Hall) -> None:
    """The first attempt dies after it was sent and may be charged: a second one needs as much again."""
    rates = {"input": "0", "output": "1000"}
    await pair(hall, second=rates)
    first = await hall.model("first-c", rates)
    await hall.alias("costly", first, await hall.model("second-c", rates))
    hall.provider.script = at_first(reset, "first-c")
    ask = ASK | {"model": "costly"}  # each attempt may cost $0.10
    assert (await hall.call(CHAT, ask, await hall.key("0.15"))).status == 502
    assert asked(hall) == ["first-c"]
    assert (await hall.call(CHAT, ask, await hall.key("0.20"))).status == 200


# Keys


def key_of(sent: Sent) -> str:
    return {name.lower(): value for name, value in sent.headers.items()}["authorization"].removeprefix("Bearer ")


def for_keys(**failing: Handler) -> Handler:
    async def handle(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await failing.get(key_of(sent), plain)(sent, request)

    return handle


async def test_a_refused_key_is_marked_and_the_next_one_used_from_then_on(hall: Hall) -> None:
    await hall.model("first", RATES)
    bad, good = await hall.provider_key("bad"), await hall.provider_key("good")
    hall.provider.script = for_keys(bad=status(401))
    ask, key = ASK | {"model": "mock/first"}, await hall.key()
    answer = await hall.call(CHAT, ask, key)
    assert (answer.status, answer.headers["x-modelhall-attempts"]) == (200, "2")
    assert "status 401" in ((await _marked(hall, bad, refused=True)).refused_because or "")
    assert _secret(hall, good).refused_at is None
    assert (await hall.call(CHAT, ask, key)).headers["x-modelhall-attempts"] == "1"
    assert [key_of(sent) for sent in hall.provider.sent] == ["bad", "good", "good"]


async def test_when_all_keys_were_refused_they_are_tried_and_one_that_works_again_is_unmarked(small_hall: Hall) -> None:
    await small_hall.model("first", RATES)
    only = await small_hall.provider_key("only")
    small_hall.provider.script = status(401)
    ask, key = ASK | {"model": "mock/first"}, await small_hall.key()
    assert (await small_hall.call(CHAT, ask, key)).json["error"]["code"] == "provider_refused_key"
    await _marked(small_hall, only, refused=True)
    small_hall.provider.script = None
    assert (await small_hall.call(CHAT, ask, key)).status == 200
    await _marked(small_hall, only, refused=False)


async def test_a_403_goes_to_the_next_key_but_says_nothing_of_the_key(small_hall: Hall) -> None:
    await small_hall.model("first", RATES)
    narrow = await small_hall.provider_key("narrow")
    await small_hall.provider_key("wide")
    small_hall.provider.script = for_keys(narrow=status(403))
    ask, key = ASK | {"model": "mock/first"}, await small_hall.key()
    for _ in range(2):
        assert (await small_hall.call(CHAT, ask, key)).headers["x-modelhall-attempts"] == "2"
    assert _secret(small_hall, narrow).refused_at is None


async def test_a_busy_key_rests_as_long_as_the_provider_says_and_others_work_on(small_hall: Hall) -> None:
    await small_hall.model("first", RATES)
    await small_hall.model("other", RATES)
    await small_hall.provider_key("one")
    await small_hall.provider_key("two")
    small_hall.provider.script = for_keys(one=status(429, **{"retry-after": "1"}))
    ask, key = ASK | {"model": "mock/first"}, await small_hall.key()
    began = time.monotonic()
    while time.monotonic() - began < 0.9:
        assert (await small_hall.call(CHAT, ask, key)).status == 200
    by_key = Counter(map(key_of, small_hall.provider.sent))
    assert by_key["one"] == 1
    assert by_key["two"] > 5
    await small_hall.call(CHAT, ask | {"model": "mock/other"}, key)  # another model has a limit of its own
    assert Counter(map(key_of, small_hall.provider.sent))["one"] == 2
    await asyncio.sleep(max(0.0, began + 1.1 - time.monotonic()))
    await small_hall.call(CHAT, ask, key)
    assert Counter(map(key_of, small_hall.provider.sent))["one"] == 3


async def test_when_nobody_is_left_the_pause_is_passed_on_and_nothing_sent(small_hall: Hall) -> None:
    await small_hall.model("first", RATES)
    small_hall.provider.script = status(429, **{"retry-after": "30"})
    ask, key = ASK | {"model": "mock/first"}, await small_hall.key()
    answers: list[Answer] = [await small_hall.call(CHAT, ask, key) for _ in range(3)]
    assert [answer.status for answer in answers] == [429] * 3
    assert all(29 <= int(answer.headers["retry-after"]) <= 30 for answer in answers)
    assert len(small_hall.provider.sent) == 1


# The breaker


async def test_a_target_that_fails_again_and_again_is_left_alone_and_tried_by_one_call_later(small_hall: Hall) -> None:
    await pair(small_hall)
    small_hall.provider.script = at_first(status(500))
    clock = [time.monotonic()]
    small_hall.gateway.desk.health._clock = lambda: clock[0]  # pyright: ignore[reportPrivateUsage]
    key = await small_hall.key()
    for _ in range(20):
        assert (await small_hall.call(CHAT, ASK, key)).status == 200
    assert asked(small_hall).count("first") == FAILURES_IN_A_ROW
    clock[0] += PROBE_S * 1.3
    await asyncio.gather(*(small_hall.call(CHAT, ASK, key) for _ in range(10)))
    assert asked(small_hall).count("first") == FAILURES_IN_A_ROW + 1
    clock[0] += PROBE_S * 1.3
    small_hall.provider.script = None
    for _ in range(3):
        assert (await small_hall.call(CHAT, ASK, key)).headers["x-modelhall-model"] == "mock/first"


async def test_a_breaker_stops_nobody_who_has_no_other_target(small_hall: Hall) -> None:
    await small_hall.model("first", RATES)
    small_hall.provider.script = status(500)
    ask, key = ASK | {"model": "mock/first"}, await small_hall.key()
    for _ in range(FAILURES_IN_A_ROW + 3):
        assert (await small_hall.call(CHAT, ask, key)).status == 502
    small_hall.provider.script = None
    assert (await small_hall.call(CHAT, ask, key)).status == 200


async def test_one_bad_model_does_not_close_its_provider(small_hall: Hall) -> None:
    await pair(small_hall)
    small_hall.provider.script = at_first(status(500))
    key = await small_hall.key()
    for _ in range(FAILURES_IN_A_ROW + 1):
        await small_hall.call(CHAT, ASK, key)
    answer = await small_hall.call(CHAT, ASK | {"model": "mock/second"}, key)
    assert (answer.status, answer.headers["x-modelhall-attempts"]) == (200, "1")


async def test_a_probe_whose_client_leaves_gives_the_place_to_the_next(small_hall: Hall) -> None:
    await pair(small_hall)
    small_hall.provider.script = at_first(status(500))
    clock = [time.monotonic()]
    small_hall.gateway.desk.health._clock = lambda: clock[0]  # pyright: ignore[reportPrivateUsage]
    key = await small_hall.key()
    for _ in range(FAILURES_IN_A_ROW):
        await small_hall.call(CHAT, ASK, key)
    clock[0] += PROBE_S * 1.3
    small_hall.provider.script = at_first(silent)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await small_hall.call(CHAT, ASK, key)
    small_hall.provider.script = None
    await asyncio.sleep(0.2)
    assert (await small_hall.call(CHAT, ASK, key)).headers["x-modelhall-model"] == "mock/first"


async def test_a_stream_may_fall_back_after_its_role_was_heard(small_hall: Hall) -> None:
    async def stalls(sent: Sent, request: web.Request) -> web.StreamResponse:
        response = await streamed(request, [ROLE])
        await asyncio.sleep(5)
        return response

    await pair(small_hall)
    small_hall.bounds[0] = Bounds(deadlines=Deadlines(idle=0.3))
    small_hall.provider.script = at_first(stalls)
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert answer.headers["x-modelhall-model"] == "mock/second"
    assert answer.body.count(ROLE) == 1
    assert answer.body.endswith(DONE)


async def _marked(hall: Hall, secret_id: str, *, refused: bool) -> Secret:
    """The key, as soon as calls are served by what the database says of it."""
    async with asyncio.timeout(5):
        while ((secret := _secret(hall, secret_id)).refused_at is not None) != refused:
            await asyncio.sleep(0.01)
    return secret


def _secret(hall: Hall, secret_id: str) -> Secret:
    library = hall.gateway.lookout.current().libraries[hall.organisation.id]
    found = {secret.id: secret for target in library.targets.values() for secret in target.profile.secrets}
    return found[secret_id]
