"""The fast lane: the same relay behind a faster framing, and the same answers as the careful way, byte for byte."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from aiohttp import web

from modelhall.gateway.desk import Bounds
from modelhall.gateway.doors.form import Limits
from modelhall.gateway.doors.plain import PlainHead
from tests.gateway.crowd import connected, rest_of
from tests.gateway.hall import Hall, serving
from tests.gateway.malformed import BODY, malformed
from tests.gateway.plain import LAST, nearly_plain, plain
from tests.gateway.upstream import DONE, ROLE, Sent, chat, event, streamed
from tests.storage.ledger_seeds import rows

STREAM = BODY[:-1] + b', "stream": true}'
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
OWN = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|date: [^\r]*")
"""What differs from answer to answer: ids and the date."""
CHUNK = re.compile(rb"\r\n([0-9a-f]+)\r\n")


@pytest.fixture
async def careful(small_hall: Hall) -> AsyncIterator[str]:
    """The address of a second server of the hall: the same doors, and no lane to them."""
    async with serving(small_hall.app, lambda: small_hall.limits[0]) as address:
        yield address


async def _heard(address: str, request: bytes) -> bytes:
    async with connected(address) as (reader, writer):
        writer.write(request)
        async with asyncio.timeout(10):
            return await rest_of(reader)


async def _until(true: Callable[[], object], seconds: float = 0.5) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def _bare(said: bytes) -> bytes:
    """What was said, without what differs each time and without where the chunks of a stream were cut."""
    return CHUNK.sub(b"", OWN.sub(b"", said)) if b"chunked" in said else OWN.sub(b"", said)


@pytest.mark.full
async def test_the_lane_and_the_careful_way_answer_alike(
    small_hall: Hall, careful: str, how_many: Callable[[int, int], int], caplog: pytest.LogCaptureFixture
) -> None:
    await small_hall.model("small")
    key, provider, different = await small_hall.key(), small_hall.provider, list[tuple[bytes, bytes, bytes]]()
    small_hall.bounds[0] = Bounds(body_bytes=10_000)

    async def told(address: str, request: bytes) -> tuple[bytes, list[tuple[str, bytes, str | None]]]:
        provider.sent.clear()
        said = await _heard(address, request)
        return _bare(said), [(each.path, each.raw, each.headers.get("anthropic-beta")) for each in provider.sent]

    calls = 0
    for request in nearly_plain(key, how_many(600, 6_000), seed=11):
        fast, slow = await told(small_hall.address, request), await told(careful, request)
        calls += len(fast[1])
        if fast != slow:
            different.append((request[:600], fast[0], slow[0]))
    assert different == []
    assert calls > 50
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert small_hall.gateway.desk.meters.in_flight == 0


def test_only_what_is_perfectly_plain_takes_the_lane() -> None:
    limits = Limits()
    assert PlainHead.read(plain("k"), limits) is not None
    assert PlainHead.read(plain("k", BODY, b"Connection: keep-alive", path=b"/v1/messages?beta=true"), limits)
    for kind, request in malformed("k", 2_000, seed=5):
        if kind not in ("odd_host", "control", "odd_line"):
            continue
        assert PlainHead.read(request, limits) is None or kind == "control", (kind, request)
    for more in (
        b"transfer-encoding: chunked", b"expect: 100-continue", b"connection: close", b"upgrade: h2c", b"origin: x",
        b"content-length: 5", b"host: y", b"x: \tone", b"x: one ", b"x:", b"x : 1", b" x: 1", b"x: a\x00", b"x: \xff",
        b"proxy-connection: close", b"\r\n".join(b"x: y" for _ in range(98)), b"x: " + b"a" * 33_000,
    ):  # fmt: skip
        assert PlainHead.read(plain("k", BODY, more), limits) is None, more
    for cut in range(plain("k").index(b"\r\n\r\n") + 4):
        assert PlainHead.read(plain("k")[:cut], limits) is None


def test_a_head_is_known_again_only_when_nothing_but_the_length_differs() -> None:
    first = plain("k")
    head = PlainHead.read(first, Limits())
    assert head is not None
    longer = plain("k", b"{}" * 700)
    assert head.again(longer)
    assert (head.length, head.size) == (1400, len(longer) - 1400)
    for other in (
        plain("l"), plain("k", BODY, b"x: y"), first.replace(b"length: ", b"length: 0"), first[: first.index(b"{") - 2],
        first.replace(b"length: ", b"length: -"), first.replace(b"length: ", b"length: 12345678"),
        first.replace(b"chat", b"chut"), first.replace(b"length: %d" % len(BODY), b"length: "),
    ):  # fmt: skip
        assert not head.again(other), other


async def test_heads_of_two_keys_on_one_connection_are_not_mixed_up(small_hall: Hall) -> None:
    model = await small_hall.model("small")
    allowed, other = await small_hall.key(models=(model.id,)), await small_hall.key(models=())
    both = plain(allowed, BODY, b"x-api-key: " + other.encode())
    asked = [plain(allowed), plain(other), plain(allowed, BODY + b" "), both, plain("mh_wrong"), plain(allowed)]
    statuses: list[bytes] = []
    async with connected(small_hall.address) as (reader, writer):
        for each in asked:
            writer.write(each)
            head = await reader.readuntil(b"\r\n\r\n")
            statuses += STATUS.findall(head)
            await reader.readexactly(int(re.findall(rb"content-length: (\d+)", head)[0]))
    assert statuses == [b"200", b"404", b"200", b"400", b"401", b"200"]


async def test_plain_requests_sent_at_once_are_answered_in_order(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()

    async def echo(sent: Sent, request: web.Request) -> web.StreamResponse:
        number = int(sent.json["messages"][0]["content"])
        await asyncio.sleep(0.01 * (number % 3))
        return web.json_response(chat(f"number {number}"))

    small_hall.provider.script = echo
    bodies = [json.dumps({"model": "mock/small", "messages": [{"role": "user", "content": str(n)}]}) for n in range(30)]
    said = await _heard(small_hall.address, b"".join(plain(key, each.encode()) for each in bodies) + LAST)
    assert re.findall(rb"number (\d+)", said) == [b"%d" % number for number in range(30)]


async def test_a_body_may_come_in_single_bytes(small_hall: Hall) -> None:
    await small_hall.model("small")
    request = plain(await small_hall.key())
    head = request.index(b"\r\n\r\n") + 4
    async with connected(small_hall.address) as (reader, writer):
        writer.write(request[:head])
        for place in range(head, len(request)):
            writer.write(request[place : place + 1])
            await asyncio.sleep(0.001)
        writer.write(LAST)
        assert STATUS.findall(await rest_of(reader)) == [b"200", b"200"]
    assert [each.json["model"] for each in small_hall.provider.sent] == ["small"]


async def test_a_body_that_is_slow_but_comes_forward_is_served(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.limits[0] = Limits(head_seconds=1, body_window_seconds=1, look_seconds=0.1)
    request = plain(await small_hall.key(), BODY + b" " * 5_000)
    async with connected(small_hall.address) as (reader, writer):
        for start in range(0, len(request), 400):
            writer.write(request[start : start + 400])
            await asyncio.sleep(0.2)
        writer.write(LAST)
        assert STATUS.findall(await rest_of(reader)) == [b"200", b"200"]


PHASES = ("body", "waiting", "streaming", "not read")


@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("phase", PHASES)
async def test_a_client_that_goes_ends_its_call_in_every_phase(small_hall: Hall, phase: str, reset: bool) -> None:
    await small_hall.model("small")
    provider, meters = small_hall.provider, small_hall.gateway.desk.meters

    async def script(sent: Sent, request: web.Request) -> web.StreamResponse:
        if phase == "waiting":
            await asyncio.sleep(30)
        piece = event("x" * 100_000) if phase == "not read" else event("x")
        return await streamed(request, [ROLE, *[piece] * 2_000], pause=0 if phase == "not read" else 0.02)

    provider.script = script
    request = plain(await small_hall.key(), STREAM)
    async with connected(small_hall.address) as (reader, writer):
        writer.write(request[:-1] if phase == "body" else request)
        await _until(lambda: meters.in_flight == 1, 3)
        if phase != "body":
            await _until(lambda: provider.sent, 3)
        if phase in ("streaming", "not read"):
            await reader.readuntil(b"xxx" if phase == "not read" else b'"x"')
        await asyncio.sleep(0.5 if phase == "not read" else 0.05)
        if reset:
            writer.transport.abort()
        else:
            writer.close()
        await _until(lambda: meters.in_flight == 0)
        await _until(lambda: provider.gone == (phase != "body"))
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["cancelled"] * (phase != "body")


async def test_a_reader_that_stops_stops_the_provider_and_is_closed_when_it_takes_nothing(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.limits[0] = Limits(stuck_seconds=2, look_seconds=0.1)
    sent_bytes = 0

    async def endless(sent: Sent, request: web.Request) -> web.StreamResponse:
        nonlocal sent_bytes
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        while True:
            await response.write(event("x" * 100_000))
            sent_bytes += 100_000

    small_hall.provider.script = endless
    async with connected(small_hall.address) as (reader, writer):
        writer.write(plain(await small_hall.key(), STREAM))
        await reader.readuntil(b"xxx")
        await _until(lambda: small_hall.provider.gone == 1, 5)
    assert sent_bytes < 16 * 1024 * 1024  # what fits into the kernel's buffers of two connections
    assert small_hall.gateway.desk.meters.in_flight == 0


async def test_a_reader_that_pauses_loses_nothing(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def big(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, [ROLE, *[event("x" * 100_000)] * 200, event(finish="stop"), DONE])

    small_hall.provider.script = big
    async with connected(small_hall.address) as (reader, writer):
        writer.write(plain(await small_hall.key(), STREAM) + LAST)
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1)
        said = await rest_of(reader)
    assert said.count(b"x" * 100_000) == 200
    assert b"data: [DONE]\n\n\r\n0\r\n\r\nHTTP/1.1 200 OK" in said


@pytest.mark.alone
async def test_bodies_are_bounded_in_size_and_time(small_hall: Hall, careful: str) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    small_hall.bounds[0] = Bounds(body_bytes=1_000, body_seconds=0.5)
    small_hall.limits[0] = Limits(look_seconds=0.1)
    exact = BODY + b" " * (1_000 - len(BODY))
    late = plain(key, exact)[:-1]
    loop = asyncio.get_running_loop()
    for request, status in ((plain(key, exact) + LAST, 200), (plain(key, exact + b" ") + LAST, 413), (late, 408)):
        began = loop.time()
        fast, slow = await _heard(small_hall.address, request), await _heard(careful, request)
        assert STATUS.findall(fast)[0] == b"%d" % status
        assert sorted(_bare(fast).split(b"\r\n")) == sorted(_bare(slow).split(b"\r\n"))
        assert loop.time() - began < 2
    assert len(small_hall.provider.sent) == 2


async def test_a_head_of_exactly_the_limits_is_served_and_one_more_is_not(small_hall: Hall, careful: str) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    limits = small_hall.limits[0] = Limits(head_bytes=2_000, headers=20)
    most = plain(key, BODY, *[b"x: y"] * (limits.headers - 3))
    whole = plain(key, BODY, b"x: y")
    long = plain(key, BODY, b"x: y" + b"y" * (limits.head_bytes - (len(whole) - len(BODY))))
    assert PlainHead.read(most, limits)
    assert PlainHead.read(long, limits)
    assert PlainHead.read(long, replace(limits, head_bytes=limits.head_bytes - 1)) is None
    for request, status in (
        (most, b"200"),
        (long, b"200"),
        (most.replace(b"x: y", b"x: y\r\nx: y", 1), b"431"),
        (long.replace(b"x: y", b"x: y" + b"y" * 200, 1), b"431"),
    ):
        for address in (small_hall.address, careful):
            assert STATUS.findall(await _heard(address, request + LAST))[0] == status


async def test_a_stream_that_the_provider_cuts_ends_in_an_error_and_the_connection_lives_on(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def cut(sent: Sent, request: web.Request) -> web.StreamResponse:
        await streamed(request, [ROLE, event("Hel")])
        await asyncio.sleep(0.05)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    small_hall.provider.script = cut
    said = await _heard(small_hall.address, plain(await small_hall.key(), STREAM) + LAST)
    assert b'"error"' in said
    assert b"[DONE]" not in said
    assert STATUS.findall(said) == [b"200", b"200"]


async def test_a_stopping_server_lets_calls_finish_and_closes_their_connections(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def slow(sent: Sent, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.5)
        return web.json_response(chat())

    small_hall.provider.script = slow
    request = plain(await small_hall.key())
    stack = serving(small_hall.app, doors=small_hall.doors)
    address = await stack.__aenter__()
    async with connected(address) as (reader, writer), connected(address) as (idle, _):
        writer.write(request)
        await _until(lambda: small_hall.provider.sent, 3)
        stopping = asyncio.create_task(stack.__aexit__(None, None, None))
        async with asyncio.timeout(3):
            assert await idle.read() == b""
            said = await rest_of(reader)
        await stopping
    assert STATUS.findall(said) == [b"200"]
    assert b"connection: close" in said
