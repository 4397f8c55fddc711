"""What stands before the doors: bad requests, slow ones, silent ones and too many, over raw sockets."""

import asyncio
import json
import logging
import re
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from modelhall.gateway.desk import Bounds
from modelhall.gateway.doors.form import Limits
from modelhall.gateway.doors.http import AsgiExchange
from tests.gateway.crowd import connected, crowd, rest_of
from tests.gateway.hall import Hall
from tests.gateway.malformed import BODY, malformed
from tests.gateway.upstream import DONE, ROLE, Sent, event, streamed
from tests.storage.ledger_seeds import rows
from tests.whole.counting import counting
from tests.whole.server import server_on

CHAT = "/v1/chat/completions"
HEALTH = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
KEY = b"authorization: Bearer KEY\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
QUICK = Limits(head_seconds=1, idle_seconds=1, body_window_seconds=1, look_seconds=0.1)
LANE_AND_CAREFUL = [pytest.param({}, id="lane"), pytest.param({"origin": "https://x.example"}, id="careful")]
"""Headers that let a call take the fast lane, and such that keep it off."""
LONG = Limits(head_seconds=9, idle_seconds=9, body_window_seconds=9, look_seconds=0.1)


async def heard(address: str, request: bytes, seconds: float = 10) -> bytes:
    """All that the server says to these bytes until it closes. Raises TimeoutError when it does not close."""
    async with connected(address) as (reader, writer):
        writer.write(request)
        async with asyncio.timeout(seconds):
            return await rest_of(reader)


async def _until(true: Callable[[], object], seconds: float = 0.5) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def _closed(key: str, *, body: bytes = BODY, more: bytes = b"") -> bytes:
    """A good request whose connection ends with its answer."""
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n"
    return head.encode() + more + b"content-length: %d\r\n\r\n" % len(body) + body


@pytest.mark.full
async def test_a_malformed_request_is_refused_and_goes_nowhere(
    small_hall: Hall, how_many: Callable[[int, int], int], caplog: pytest.LogCaptureFixture
) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    lanes, wrong, told = asyncio.Semaphore(20), list[tuple[str, str, bytes]](), list[bytes]()

    async def one(kind: str, request: bytes) -> None:
        async with lanes:
            try:
                said = await heard(small_hall.address, request)
            except TimeoutError:
                wrong.append((kind, "hangs", request[:300]))
                return
        statuses = STATUS.findall(said.replace(b"HTTP/1.1 200 OK\r\n", b"", 1) if kind == "second_is_bad" else said)
        told.extend(statuses)
        if any(not status.startswith(b"4") for status in statuses):
            wrong.append((kind, repr(statuses), request[:300]))

    count = how_many(400, 8_000)
    async with asyncio.TaskGroup() as group:
        for kind, request in malformed(key, count, seed=2026):
            group.create_task(one(kind, request))
    assert wrong == []
    assert small_hall.provider.sent == []
    assert len(told) == count  # each was told, before its connection was closed
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert STATUS.findall(await heard(small_hall.address, _closed(key))) == [b"200"]
    assert small_hall.gateway.desk.meters.in_flight == 0


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /v1/models HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n{", b"400"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 100 + b"\r\n", b"431"),
        (b"GET /healthz HTTP/1.1\r\nhost: x\r\na: " + b"b" * 33_000 + b"\r\n\r\n", b"431"),
        (b"GET /healthz HTTP/1.1\r\nhost: x\r\na: " + b"b" * 33_000, b"431"),
        (b"GET /" + b"a" * 9_000, b"414"),
        (b"TRACE / HTTP/1.1\r\nhost: x\r\n\r\n", b"405"),
    ],
)
async def test_a_refusal_says_why(small_hall: Hall, request_: bytes, status: bytes) -> None:
    said = await heard(small_hall.address, request_)
    assert STATUS.findall(said) == [status]
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    assert json.loads(body)["error"]["message"]


async def test_what_is_only_unusual_is_served(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    upgrade = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n"
    chunks = b"transfer-encoding: chunked\r\n\r\n%x;a=b\r\n%b\r\n0\r\nanthropic-beta: late\r\n\r\n" % (len(BODY), BODY)
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n".encode()
    old = _closed(key).replace(b"HTTP/1.1\r\nhost: x\r\n", b"HTTP/1.0\r\n")
    for request in (
        _closed(key).replace(b"connection: close\r\n", upgrade)
        + b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        head + chunks,
        old,
        b"\r\n\r\n" + _closed(key),
        _closed(key, more=b"expect: 100-continue\r\n"),
        _closed(key).replace(b"host: x", b"host: [::1]:8400"),
    ):
        assert b"200" in STATUS.findall(await heard(small_hall.address, request)), request
    assert len(small_hall.provider.sent) == 6
    assert not any("late" in sent.headers.values() for sent in small_hall.provider.sent)


async def test_requests_sent_at_once_are_answered_in_order_and_not_without_bound(small_hall: Hall) -> None:
    asked = b"".join(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % number for number in range(20))
    last = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    assert STATUS.findall(await heard(small_hall.address, asked + last)) == [b"404"] * 20 + [b"200"]
    assert len(STATUS.findall(await heard(small_hall.address, asked * 200))) <= 1


async def test_a_refusal_never_lands_inside_another_answer(small_hall: Hall) -> None:
    await small_hall.model("small")
    body = BODY[:-1] + b', "stream": true}'

    async def slow(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, [ROLE, *[event("word ")] * 500], pause=0.02)

    small_hall.provider.script = slow
    request = _closed(await small_hall.key(), body=body).replace(b"connection: close\r\n", b"")
    async with connected(small_hall.address) as (reader, writer):
        writer.write(request)
        await reader.readuntil(b"word")
        writer.write(b"\x00 this is no request\r\n\r\n")
        async with asyncio.timeout(1):
            assert STATUS.findall(await rest_of(reader)) == []
    await _until(lambda: small_hall.provider.gone == 1)


@pytest.mark.timed
@pytest.mark.parametrize(
    ("first", "drip"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"", b"\r\n", id="line ends"),
        pytest.param(b"GET /healthz HTTP/1.1\r\n", b"a", id="head"),
        pytest.param(HEALTH, b"", id="idle"),
        pytest.param(HEALTH, b"\r\n", id="idle line ends"),
        pytest.param(HEALTH + b"GET /healthz HTTP/1.1\r\n", b"a", id="second head"),
        pytest.param(POST + KEY + b"content-length: 900\r\n\r\n", b" ", id="body"),
        pytest.param(POST + b"content-length: 900\r\n\r\n", b" ", id="refused body"),
        pytest.param(POST + KEY + CHUNKED + b"5;", b"a", id="chunk extension"),
    ],
)
async def test_who_is_slow_is_closed_in_time(small_hall: Hall, first: bytes, drip: bytes) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    small_hall.limits[0] = QUICK
    async with connected(small_hall.address) as (reader, writer):
        writer.write(first.replace(b"KEY", key.encode()))
        began = time.monotonic()
        rest = asyncio.create_task(rest_of(reader))
        while not rest.done() and time.monotonic() - began < 3:
            writer.write(drip)
            await asyncio.wait([rest], timeout=0.1)
        assert 0.5 < time.monotonic() - began < 1.5
    assert small_hall.provider.sent == []
    assert small_hall.gateway.desk.meters.in_flight == 0


async def test_who_is_slow_but_comes_forward_is_served(small_hall: Hall) -> None:
    await small_hall.model("small")
    request = _closed(await small_hall.key(), body=BODY + b" " * 4_000)
    small_hall.limits[0] = QUICK
    async with connected(small_hall.address) as (reader, writer):
        for start in range(0, len(request), 400):
            writer.write(request[start : start + 400])
            await asyncio.sleep(0.2)
        assert STATUS.findall(await rest_of(reader)) == [b"200"]


async def test_more_connections_than_allowed_are_turned_away(small_hall: Hall) -> None:
    small_hall.limits[0] = Limits(connections=2, look_seconds=0.1)
    ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    async with connected(small_hall.address), connected(small_hall.address):
        said = await heard(small_hall.address, ask)
        assert STATUS.findall(said) == [b"503"]
        assert b"retry-after" in said
    await asyncio.sleep(0.2)
    assert STATUS.findall(await heard(small_hall.address, ask)) == [b"200"]


@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("waiting", [b"", b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"], ids=["alone", "one waits"])
@pytest.mark.parametrize("size", [0, 300_000], ids=["small", "big"])
async def test_a_client_that_goes_takes_the_provider_with_it(
    small_hall: Hall, reset: bool, waiting: bytes, size: int
) -> None:
    await small_hall.model("small")

    async def silent(sent: Sent, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        raise AssertionError("nobody left")

    small_hall.provider.script = silent
    request = _closed(await small_hall.key(), body=BODY + b" " * size).replace(b"connection: close\r\n", b"")
    async with connected(small_hall.address) as (_, writer):
        writer.write(request + waiting)
        await _until(lambda: small_hall.provider.sent, 3)
        if reset:
            writer.transport.abort()
        else:
            writer.close()
        await _until(lambda: small_hall.provider.gone == 1)
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["cancelled"]
    assert small_hall.gateway.desk.meters.in_flight == 0


async def test_without_the_servers_word_a_task_notices_that_the_client_has_gone() -> None:
    gone, said = asyncio.Event(), [{"type": "http.request", "body": b"{}"}]

    async def receive() -> dict[str, Any]:
        if not said:
            await gone.wait()
        return said.pop() if said else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError("nobody is there")

    exchange = AsgiExchange({"type": "http", "headers": []}, receive, send)

    async def call() -> None:
        try:
            assert await exchange.body(Bounds()) == b"{}"
            gone.set()
            await asyncio.sleep(5)
        finally:
            exchange.end()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.create_task(call()), 1)
    assert exchange.gone


@pytest.mark.parametrize("way", LANE_AND_CAREFUL)
async def test_a_silence_in_a_stream_is_filled_with_comments_between_events(
    small_hall: Hall, way: dict[str, str]
) -> None:
    await small_hall.model("small")
    small_hall.limits[0] = Limits(look_seconds=0.05)
    small_hall.bounds[0] = Bounds(silence_seconds=0.2)
    half, other = event("Hello")[:20], event("Hello")[20:]
    pieces = [ROLE, event("Hi"), half, other, event(finish="stop"), DONE]

    async def slow(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, pieces, pause=0.5)

    small_hall.provider.script = slow
    body = json.loads(BODY) | {"stream": True}
    answer = await small_hall.call(CHAT, body, await small_hall.key(), **way)
    assert answer.body.count(b": keep-alive\n\n") >= 4
    assert answer.body.startswith(ROLE + event("Hi") + b": keep-alive\n\n")
    assert answer.body.replace(b": keep-alive\n\n", b"") == b"".join(pieces)
    assert answer.body.endswith(DONE)


@pytest.mark.parametrize("way", LANE_AND_CAREFUL)
async def test_a_quick_stream_has_no_comments(small_hall: Hall, way: dict[str, str]) -> None:
    await small_hall.model("small")
    small_hall.limits[0] = Limits(look_seconds=0.05)
    small_hall.bounds[0] = Bounds(silence_seconds=0.3)
    pieces = [ROLE, *[event("Hi")] * 10, event(finish="stop"), DONE]

    async def steady(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, pieces, pause=0.1)

    small_hall.provider.script = steady
    body = json.loads(BODY) | {"stream": True}
    assert (await small_hall.call(CHAT, body, await small_hall.key(), **way)).body == b"".join(pieces)


async def test_a_reader_that_stops_stops_the_provider_and_loses_nothing(small_hall: Hall) -> None:
    await small_hall.model("small")
    pieces, sent_bytes = [ROLE, *[event("x" * 100_000)] * 400, event(finish="stop"), DONE], [0]

    async def big(sent: Sent, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            sent_bytes[0] += len(piece)
        return response

    small_hall.provider.script = big
    request = _closed(await small_hall.key(), body=BODY[:-1] + b', "stream": true}')
    async with connected(small_hall.address) as (reader, writer):
        writer.write(request)
        await reader.readuntil(b"\r\n\r\n")
        before = -1
        while before != sent_bytes[0]:
            before = sent_bytes[0]
            await asyncio.sleep(0.5)
        assert before < 16 * 1024 * 1024  # what fits into the kernel's buffers of two connections
        assert (await rest_of(reader)).count(b"x" * 100_000) == 400


@pytest.mark.timed
@pytest.mark.full(only=True)
async def test_two_thousand_slow_connections_are_closed_and_disturb_nobody(tmp_path: Path) -> None:
    async with counting() as provider:
        with server_on(tmp_path / "data") as server:
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(
                server.run, "profile", "add", "mock", "--provider", "openai-compatible",
                "--base-url", provider.address, "--key", "provider-secret-1", "--allow-private",
            )  # fmt: skip
            await asyncio.to_thread(server.run, "model", "sync", "mock", "small", "--activate")
            key = (await asyncio.to_thread(server.json, "key", "create", "one"))["key"]
            async with aiohttp.ClientSession(server.address, headers={"authorization": f"Bearer {key}"}) as client:
                alone = await _waits(client, 200)
                with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
                    slow = asyncio.get_running_loop().run_in_executor(elsewhere, crowd, server.address, key, 2_000)
                    await asyncio.sleep(5)
                    beside = await _waits(client, 200)
                    heads, bodies, silent, idle = await slow
    p99 = [statistics.quantiles(each, n=100)[98] * 1000 for each in (alone, beside)]
    print(f"closed after at most: heads {heads:.1f} s, bodies {bodies:.1f}, silent {silent:.1f}, idle {idle:.1f}")
    print(f"p99 alone {p99[0]:.1f} ms, beside them {p99[1]:.1f} ms")
    assert (heads < 16.5, bodies < 31.5, silent < 16.5, idle < 76.5) == (True,) * 4
    assert p99[1] <= 2 * p99[0]


async def _waits(client: aiohttp.ClientSession, calls: int) -> list[float]:
    """How long each call took, one every 50 ms."""
    took: list[float] = []
    for _ in range(calls):
        began = time.monotonic()
        async with client.post(CHAT, data=BODY) as response:
            assert response.status == 200
            await response.read()
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.05)
    return took
