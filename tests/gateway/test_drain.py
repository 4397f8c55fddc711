"""Streams whose callers have left are read to their end where the vendor bills them in full, and charged exactly."""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Literal

import pytest
from aiohttp import web

from modelhall.dialects import openai_chat
from modelhall.domain.errors import ProviderCut
from modelhall.domain.ids import new_id
from modelhall.gateway.call import Call, Route
from modelhall.gateway.drain import Drains
from modelhall.gateway.hold import hold
from modelhall.gateway.metering import Meter
from modelhall.gateway.prepare import prepare
from modelhall.gateway.routing import find_route
from modelhall.gateway.upstream import Deadlines
from tests.gateway.hall import Hall
from tests.gateway.upstream import DONE, ROLE, USAGE, Handler, Sent, event
from tests.storage.ledger_seeds import rows
from tests.support.memory import most_memory

ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100, "stream": True}


def slowly(rest: list[bytes], until: asyncio.Event) -> Handler:
    """A stream that begins at once and goes on when it is told to."""

    async def handle(_sent: Sent, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(ROLE + event("Hel"))
        await until.wait()
        for piece in rest:
            await response.write(piece)
        return response

    return handle


REST = [event("lo"), event(finish="stop"), USAGE, DONE]


async def left(
    hall: Hall,
    key: str,
    drains: Drains,
    *,
    error: BaseException | None = None,
    deadlines: Deadlines | None = None,
    on_disconnect: Literal["close", "drain"] = "drain",
) -> bool:
    """One attempt whose caller leaves after the first piece, as the relay makes it; whether it is read on."""
    error = error or asyncio.CancelledError()
    desk, body = hall.gateway.desk, json.dumps(ASK).encode()
    snapshot = desk.snapshot
    call = Call(new_id(), snapshot.callers[desk.digest(key)], openai_chat, body, openai_chat.read(body), {})
    route = find_route(call, snapshot)
    provider = replace(route.targets[0].provider, on_disconnect=on_disconnect)
    target = replace(route.targets[0], provider=provider)
    async with hold(call, target, desk.allowances) as held:
        meter = Meter(call, Route(route.asked, (target,), route.why), target, 1, held, desk)
        request = prepare(call, target, held, desk.lines, meter.id)
        meter.reader = request.reader
        meter.intend()
        async with AsyncExitStack() as line:
            bounds = deadlines or Deadlines()
            sending = desk.upstream.send(request.url, request.headers, request.body, bounds, private_allowed=True)
            answer = await line.enter_async_context(sending)
            meter.answered(answer.status)
            request.reader.feed(await answer.read())
            meter.failed(error)
            taken = drains.take(error, line, answer, request.reader, meter, held)
        if not taken:
            meter.settle()
    return taken


async def ended(drains: Drains) -> None:
    async with asyncio.timeout(10):
        while len(drains):
            await asyncio.sleep(0.01)


async def test_it_is_charged_by_the_usage_that_the_provider_tells_at_the_end(hall: Hall) -> None:
    await hall.model("small", {"input": "1", "output": "1000"})
    go_on, drains, key = asyncio.Event(), Drains(), await hall.key(budget="0.2")
    hall.provider.script = slowly(REST, go_on)
    assert await left(hall, key, drains)
    await hall.settled()
    assert await rows(hall.database) == [], "it is not settled before its end"
    refused = await hall.call("/v1/chat/completions", {**ASK, "max_tokens": 190}, key)
    assert refused.status == 402, "its hold lasts as long as it does"
    go_on.set()
    await ended(drains)
    await hall.settled()
    (row,) = await rows(hall.database)
    assert (row["status"], row["error"], row["estimated"]) == ("cancelled", "client_gone", False)
    assert (row["input"], row["output"], row["cost"]) == (10, 3, 3_010_000)
    assert hall.provider.gone == 0
    hall.provider.script = None
    assert (await hall.call("/v1/chat/completions", {**ASK, "max_tokens": 190}, key)).status == 200


@pytest.mark.parametrize(
    ("error", "on_disconnect"), [(asyncio.CancelledError(), "close"), (ProviderCut("cut"), "drain")]
)
async def test_other_streams_are_left_at_once(
    small_hall: Hall, error: BaseException, on_disconnect: Literal["close", "drain"]
) -> None:
    await small_hall.model("small")
    drains, key = Drains(), await small_hall.key()
    small_hall.provider.script = slowly(REST, asyncio.Event())
    assert not await left(small_hall, key, drains, error=error, on_disconnect=on_disconnect)
    await asyncio.sleep(0.1)
    assert (len(drains), small_hall.provider.gone) == (0, 1)


async def test_no_more_than_so_many_are_read_on_at_once(small_hall: Hall) -> None:
    await small_hall.model("small")
    go_on, drains, key = asyncio.Event(), Drains(2), await small_hall.key()
    small_hall.provider.script = slowly(REST, go_on)
    assert [await left(small_hall, key, drains) for _ in range(3)] == [True, True, False]
    go_on.set()
    await ended(drains)
    small_hall.provider.script = slowly(REST, asyncio.Event())
    assert await left(small_hall, key, drains), "there is room again"
    await drains.close()
    await small_hall.settled()
    told = [(row["status"], row["estimated"]) for row in await rows(small_hall.database)]
    assert sorted(told) == [("cancelled", False)] * 2 + [("cancelled", True)] * 2


async def test_a_stream_that_falls_silent_is_left_at_its_deadline(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})
    drains, key = Drains(), await small_hall.key()
    small_hall.provider.script = slowly(REST, asyncio.Event())
    assert await left(small_hall, key, drains, deadlines=Deadlines(idle=0.2))
    await ended(drains)
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["error"], row["estimated"]) == ("cancelled", "client_gone", True)


async def test_those_under_way_are_settled_when_the_house_closes(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})
    drains, key = Drains(), await small_hall.key()
    small_hall.provider.script = slowly(REST, asyncio.Event())
    assert await left(small_hall, key, drains)
    await drains.close()
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["cancelled"]


async def test_what_is_read_on_is_not_kept(small_hall: Hall) -> None:
    await small_hall.model("small")
    go_on, drains, key = asyncio.Event(), Drains(), await small_hall.key()
    small_hall.provider.script = slowly([*[event("x" * 60_000)] * 500, *REST], go_on)
    assert await left(small_hall, key, drains)
    with most_memory(12):
        go_on.set()
        await ended(drains)
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert row["output"] == 3
