"""Streams whose callers have left are read to their end where the vendor bills them in full, and charged exactly."""

import asyncio

from aiohttp import web

from modelhall.gateway.desk import Bounds
from modelhall.gateway.drain import Drains
from modelhall.gateway.upstream import Deadlines
from tests.gateway.hall import Hall
from tests.gateway.upstream import DONE, ROLE, USAGE, Handler, Sent, event
from tests.storage.ledger_seeds import rows
from tests.support.memory import most_memory

CHAT = "/v1/chat/completions"
ASK = {"model": "full/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100, "stream": True}


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


async def left(hall: Hall, key: str, profile: str = "full") -> int:
    """A caller who leaves after the first piece; gives how many streams are read on then."""
    ask = ASK | {"model": f"{profile}/small"}
    before = len(hall.gateway.desk.drains)
    async with hall.client.post(hall.address + CHAT, json=ask, headers={"authorization": f"Bearer {key}"}) as answer:
        assert await answer.content.readany()
        answer.close()
    gone = hall.provider.gone
    async with asyncio.timeout(5):
        while len(hall.gateway.desk.drains) == before and hall.provider.gone == gone:
            await asyncio.sleep(0.01)
    return len(hall.gateway.desk.drains)


async def ended(hall: Hall) -> None:
    async with asyncio.timeout(10):
        while len(hall.gateway.desk.drains):
            await asyncio.sleep(0.01)
    await hall.settled()


async def test_it_is_charged_by_the_usage_that_the_provider_tells_at_the_end(hall: Hall) -> None:
    await hall.model("small", {"input": "1", "output": "1000"}, profile="full")
    go_on, key = asyncio.Event(), await hall.key(budget="0.2")
    hall.provider.script = slowly(REST, go_on)
    assert await left(hall, key) == 1
    await hall.settled()
    assert await rows(hall.database) == [], "it is not settled before its end"
    refused = await hall.call(CHAT, {**ASK, "max_tokens": 190}, key)
    assert refused.status == 402, "its hold lasts as long as it does"
    go_on.set()
    await ended(hall)
    (row,) = await rows(hall.database)
    assert (row["status"], row["error"], row["estimated"]) == ("cancelled", "client_gone", False)
    assert (row["input"], row["output"], row["cost"]) == (10, 3, 3_010_000)
    assert hall.provider.gone == 0
    hall.provider.script = None
    assert (await hall.call(CHAT, {**ASK, "max_tokens": 190}, key)).status == 200


async def test_other_providers_streams_are_left_at_once(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.provider.script = slowly(REST, asyncio.Event())
    assert await left(small_hall, await small_hall.key(), "mock") == 0
    assert small_hall.provider.gone == 1


async def test_one_that_has_only_begun_when_its_caller_leaves_is_read_on_too(small_hall: Hall) -> None:
    async def thinks(_sent: Sent, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await response.write(ROLE)
        await go_on.wait()
        await response.write(b"".join([event("Hel"), *REST]))
        return response

    await small_hall.model("small", {"input": "1", "output": "1000"}, profile="full")
    go_on, key = asyncio.Event(), await small_hall.key(budget="0.2")
    small_hall.provider.script = thinks
    caller = asyncio.create_task(small_hall.call(CHAT, ASK, key))
    await asyncio.sleep(0.2)
    caller.cancel()
    async with asyncio.timeout(5):
        while not len(small_hall.gateway.desk.drains):
            await asyncio.sleep(0.01)
    go_on.set()
    await ended(small_hall)
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["output"], row["estimated"]) == ("cancelled", 3, False)


async def test_no_more_than_so_many_are_read_on_at_once(small_hall: Hall) -> None:
    await small_hall.model("small", profile="full")
    go_on, key = asyncio.Event(), await small_hall.key()
    small_hall.gateway.desk.drains = Drains(2)
    small_hall.provider.script = slowly(REST, go_on)
    assert [await left(small_hall, key) for _ in range(3)] == [1, 2, 2]
    go_on.set()
    await ended(small_hall)
    told = [(row["status"], row["estimated"]) for row in await rows(small_hall.database)]
    assert sorted(told) == [("cancelled", False)] * 2 + [("cancelled", True)]


async def test_a_stream_that_falls_silent_is_left_at_its_deadline(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"}, profile="full")
    small_hall.bounds[0] = Bounds(deadlines=Deadlines(idle=0.3))
    small_hall.provider.script = slowly(REST, asyncio.Event())
    assert await left(small_hall, await small_hall.key()) == 1
    await ended(small_hall)
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["error"], row["estimated"]) == ("cancelled", "client_gone", True)


async def test_those_under_way_are_settled_when_the_house_closes(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"}, profile="full")
    small_hall.provider.script = slowly(REST, asyncio.Event())
    assert await left(small_hall, await small_hall.key()) == 1
    await small_hall.gateway.desk.drains.close()
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["cancelled"]


async def test_what_is_read_on_is_not_kept(small_hall: Hall) -> None:
    await small_hall.model("small", profile="full")
    go_on = asyncio.Event()
    small_hall.provider.script = slowly([*[event("x" * 60_000)] * 500, *REST], go_on)
    assert await left(small_hall, await small_hall.key()) == 1
    with most_memory(12):
        go_on.set()
        await ended(small_hall)
    (row,) = await rows(small_hall.database)
    assert row["output"] == 3
