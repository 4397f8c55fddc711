"""A hard budget holds to the nano-dollar, however many call at once."""

import asyncio
from collections import Counter

import pytest
from aiohttp import web

from tests.gateway.hall import Hall
from tests.gateway.upstream import Sent, chat
from tests.storage.ledger_seeds import rows

TEN_CENTS = {"input": "0", "output": "1000"}
ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"


@pytest.mark.alone
async def test_exactly_as_many_calls_are_admitted_as_the_budget_holds(hall: Hall) -> None:
    await hall.model("small", TEN_CENTS)
    key = await hall.key(budget="5")

    async def slow(sent: Sent, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return web.json_response(chat())

    hall.provider.script = slow
    gate = asyncio.Semaphore(100)

    async def one() -> int:
        async with gate:
            return (await hall.call(CHAT, ASK, key)).status

    statuses = Counter(await asyncio.gather(*(one() for _ in range(400))))
    assert statuses == {200: 50, 402: 350}
    assert len(hall.provider.sent) == 50
    await hall.settled()
    written = await rows(hall.database)
    assert sum(row["charge"] for row in written) == 5_000_000_000


async def test_what_a_call_did_not_use_is_free_for_the_next_one_at_once(hall: Hall) -> None:
    await hall.model("small", TEN_CENTS)
    key = await hall.key(budget="0.19")

    async def cheap(sent: Sent, request: web.Request) -> web.StreamResponse:
        return web.json_response(chat(completion=30))

    hall.provider.script = cheap
    assert [(await hall.call(CHAT, ASK, key)).status for _ in range(6)] == [200, 200, 200, 200, 402, 402]


async def test_a_call_without_a_limit_is_given_the_largest_that_fits(small_hall: Hall) -> None:
    await small_hall.model("small", TEN_CENTS)
    key = await small_hall.key(budget="0.5")
    open_ended = {name: value for name, value in ASK.items() if name != "max_tokens"}
    answer = await small_hall.call(CHAT, open_ended, key)
    assert answer.status == 200
    assert answer.headers["x-modelhall-limit"] == "max_output_tokens=500"
    assert 500 in small_hall.provider.sent[0].json.values()
    assert (await small_hall.call(CHAT, open_ended, key)).headers["x-modelhall-limit"] == "max_output_tokens=400"


async def test_a_refusal_says_what_the_call_may_cost_and_what_is_left(small_hall: Hall) -> None:
    await small_hall.model("small", TEN_CENTS)
    answer = await small_hall.call(CHAT, ASK, await small_hall.key(budget="0.05"))
    assert answer.status == 402
    assert "up to $0.1, and its budget has $0.05 left" in answer.json["error"]["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert small_hall.provider.sent == []


async def test_a_model_without_a_price_is_refused_under_a_budget(small_hall: Hall) -> None:
    await small_hall.model("small")
    answer = await small_hall.call(CHAT, ASK, await small_hall.key(budget="5"))
    assert (answer.status, answer.json["error"]["code"]) == (402, "unpriced")
    assert small_hall.provider.sent == []


async def test_a_failed_call_costs_nothing_and_holds_nothing(hall: Hall) -> None:
    await hall.model("small", TEN_CENTS)
    key = await hall.key(budget="0.1")

    async def broken(sent: Sent, request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=500)

    hall.provider.script = broken
    for _ in range(3):
        assert (await hall.call(CHAT, ASK, key)).status == 502
    hall.provider.script = None
    assert (await hall.call(CHAT, ASK, key)).status == 200


async def test_a_provider_that_counts_more_than_was_held_is_charged_and_stops_the_next_call(hall: Hall) -> None:
    await hall.model("small", TEN_CENTS)
    key = await hall.key(budget="0.25")

    async def dear(sent: Sent, request: web.Request) -> web.StreamResponse:
        return web.json_response(chat(completion=300))

    hall.provider.script = dear
    assert [(await hall.call(CHAT, ASK, key)).status for _ in range(2)] == [200, 402]
    await hall.gateway.housekeeping.allowances.tick()
    await hall.settled()
    written = await rows(hall.database)
    assert [row["charge"] for row in written] == [300_000_000]
