"""What goes wrong around a call: each trouble has its own words, its row, and leaves nothing held."""

import asyncio
import gzip
import json
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web

from modelhall.domain.errors import JournalUnavailable
from modelhall.gateway.desk import Bounds
from modelhall.gateway.doors.form import Limits
from modelhall.gateway.upstream import Deadlines
from modelhall.storage.journal import Intent
from modelhall.storage.tables.library import profiles
from tests.gateway.hall import Hall
from tests.gateway.upstream import DONE, ROLE, Sent, chat, event, streamed
from tests.storage.ledger_seeds import rows

ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"


async def test_a_slow_thinker_is_waited_for_until_the_first_byte_deadline(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.bounds[0] = Bounds(Deadlines(first_byte=3, idle=0.2))

    async def thinks(sent: Sent, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.6)
        return web.json_response(chat())

    small_hall.provider.script = thinks
    assert (await small_hall.call(CHAT, ASK, await small_hall.key())).status == 200


async def test_a_stream_that_thinks_after_its_head_is_waited_for_too(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.bounds[0] = Bounds(Deadlines(first_byte=3, idle=0.2))

    async def thinks(sent: Sent, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await asyncio.sleep(0.6)
        for piece in [ROLE, event("Hi"), event(finish="stop"), DONE]:
            await response.write(piece)
        return response

    small_hall.provider.script = thinks
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert (answer.status, answer.body[-14:]) == (200, DONE)


@pytest.mark.timed
@pytest.mark.parametrize("after", [0, 1, 3])
async def test_silence_ends_a_call_at_its_deadline(small_hall: Hall, after: int) -> None:
    await small_hall.model("small")
    small_hall.bounds[0] = Bounds(Deadlines(first_byte=0.5, idle=0.5))

    async def silent(sent: Sent, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        if after:
            await response.prepare(request)
        for piece in [ROLE, event("Hi"), event("Ho")][: after - 1 if after else 0]:
            await response.write(piece)
        await asyncio.sleep(5)
        return response

    small_hall.provider.script = silent
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert 0.4 < loop.time() - began < 1.0
    assert b"deadline_exceeded" in answer.body
    assert answer.status == (504 if after < 3 else 200)
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["deadline"]


async def test_an_answer_that_is_compressed_all_the_same_is_no_answer(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def zipped(sent: Sent, request: web.Request) -> web.StreamResponse:
        assert "Accept-Encoding" not in sent.headers or sent.headers["Accept-Encoding"] == "identity"
        body = json.dumps(chat()).encode() if not sent.json.get("stream") else ROLE + event("Hi") + DONE
        return web.Response(body=gzip.compress(body), headers={"content-encoding": "gzip"})

    small_hall.provider.script = zipped
    key = await small_hall.key()
    for stream in (False, True):
        answer = await small_hall.call(CHAT, ASK | {"stream": stream}, key)
        assert answer.status == 502, answer.body
        assert "gzip" in answer.json["error"]["message"]


async def test_a_providers_content_type_is_not_handed_on(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def odd(sent: Sent, request: web.Request) -> web.StreamResponse:
        raw = json.dumps(chat()).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html; x=\u20ac\r\ncontent-length: {len(raw)}\r\n\r\n"
        assert request.transport is not None
        request.transport.write(head.encode() + raw)
        await asyncio.sleep(0.2)
        request.transport.close()
        return web.Response()

    small_hall.provider.script = odd
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")


async def test_a_refusal_with_a_huge_body_is_still_that_refusal(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def busy(sent: Sent, request: web.Request) -> web.StreamResponse:
        return web.Response(text="x" * 200_000, status=429, headers={"retry-after": "3"})

    small_hall.provider.script = busy
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, answer.headers["retry-after"]) == (429, "3")


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"])
async def test_an_answer_that_is_no_http_is_not_asked_for_again(small_hall: Hall, raw: bytes) -> None:
    await small_hall.model("small")

    async def garbage(sent: Sent, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(raw)
        await asyncio.sleep(0.2)
        request.transport.close()
        return web.Response()

    small_hall.provider.script = garbage
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, answer.json["error"]["code"]) == (502, "provider_broke")
    assert len(small_hall.provider.sent) == 1


async def test_a_chunk_that_is_no_chunk_ends_a_stream_in_an_error(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def garbage(sent: Sent, request: web.Request) -> web.StreamResponse:
        response = await streamed(request, [ROLE, event("Hi")])
        assert request.transport is not None
        request.transport.write(b"zzzz\r\nnot a chunk\r\n")
        await asyncio.sleep(0.2)
        request.transport.abort()
        return response

    small_hall.provider.script = garbage
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert b"provider_broke" in answer.body
    assert b"[DONE]" not in answer.body


@pytest.mark.parametrize("stream", [False, True])
async def test_a_fault_of_the_house_is_told_as_its_own_and_has_a_row(
    small_hall: Hall, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault nobody thought of")

    monkeypatch.setattr("modelhall.gateway.attempt.Attempt._headers", broken)
    answer = await small_hall.call(CHAT, ASK | {"stream": stream}, await small_hall.key(budget="1"))
    assert (answer.status, answer.json["error"]["code"]) == (503, "own_trouble")
    assert "nobody thought" not in answer.body.decode()
    assert small_hall.gateway.desk.meters.in_flight == 0
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["error"]) in [("ok", None), ("broken", "own_trouble")]


async def test_a_fault_of_the_house_in_the_middle_of_a_stream_is_an_error_event(
    small_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_hall.model("small")

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault nobody thought of")

    monkeypatch.setattr("modelhall.gateway.attempt._at_end", broken)
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert answer.status == 200
    assert b"own_trouble" in answer.body
    assert b"[DONE]" not in answer.body
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["error"]) == ("broken", "own_trouble")


async def test_a_settlement_that_the_disk_does_not_take_is_kept_and_folded(
    small_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_hall.model("small", {"input": "0", "output": "1000"})
    key = await small_hall.key(budget="1")
    journal = small_hall.gateway.desk.journal
    append = journal._append  # pyright: ignore[reportPrivateUsage] - the disk's failure is played here

    def full(record: Any) -> None:
        if not isinstance(record, Intent):
            raise JournalUnavailable("the journal cannot be written: the disk is full", retry_after_s=5)
        append(record)

    monkeypatch.setattr(journal, "_append", full)
    answer = await small_hall.call(CHAT, ASK, key)
    assert (answer.status, answer.json["error"]["code"]) == (503, "journal_unavailable")
    streamed_answer = await small_hall.call(CHAT, ASK | {"stream": True}, key)
    assert b"[DONE]" not in streamed_answer.body
    await small_hall.settled()
    assert [row["output"] for row in await rows(small_hall.database)] == [100, 3]


async def test_a_body_that_never_comes_is_not_waited_for(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.bounds[0] = Bounds(body_seconds=0.2)
    key = await small_hall.key()
    host, _, port = small_hall.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: 9\r\n\r\n".encode()
    )
    async with asyncio.timeout(2):
        head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in head.lower()
    writer.close()


async def test_a_connection_lives_on_after_an_early_answer(small_hall: Hall) -> None:
    await small_hall.model("small")
    host, _, port = small_hall.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for _ in range(2):
        writer.write(f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n".encode() + b"x" * 1000)
        async with asyncio.timeout(2):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 401")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            await reader.readexactly(length)
        writer.write(b"x" * 199_000)
        await writer.drain()
    writer.close()


async def test_a_kept_connection_that_is_dead_is_tried_once_more_and_a_fresh_one_is_not(small_hall: Hall) -> None:
    await small_hall.model("small")
    key = await small_hall.key()
    hang_up = [False, True, False, True, True]

    async def moody(sent: Sent, request: web.Request) -> web.StreamResponse:
        if hang_up.pop(0):
            assert request.transport is not None
            request.transport.close()
        return web.json_response(chat())

    small_hall.provider.script = moody
    statuses = [(await small_hall.call(CHAT, ASK, key)).status for _ in range(3)]
    assert (statuses, hang_up) == ([200, 200, 502], [])
    await small_hall.settled()
    written = [(row["number"], row["status"]) for row in await rows(small_hall.database)]
    assert written == [(1, "ok"), (1, "failed"), (2, "ok"), (1, "failed"), (2, "failed")]
    hang_up.append(True)
    assert (await small_hall.call(CHAT, ASK, key)).status == 502
    assert len(small_hall.provider.sent) == 6


async def test_a_profile_that_cannot_be_called_is_not_the_callers_fault(small_hall: Hall) -> None:
    await small_hall.model("small")
    async with small_hall.database.change(small_hall.actor) as change:
        await change.connection.execute(
            sa.update(profiles).values(headers={"x-team": "two\nlines"}, revision=profiles.c.revision + 1)
        )
        await change.audit("profile.edit", "profile", small_hall.profiles["mock"], "mock")
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, answer.json["error"]["code"]) == (503, "own_trouble")


@pytest.mark.parametrize("base_url", ["http://" + "x" * 80 + ".example/v1", "http://a..b/v1"])
async def test_a_profile_with_an_impossible_host_cannot_be_called(small_hall: Hall, base_url: str) -> None:
    await small_hall.model("small")
    async with small_hall.database.change(small_hall.actor) as change:
        await change.connection.execute(sa.update(profiles).values(base_url=base_url))
        await change.audit("profile.edit", "profile", small_hall.profiles["mock"], "mock")
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, answer.json["error"]["code"]) == (503, "own_trouble")


async def test_a_client_that_takes_nothing_is_as_good_as_gone(small_hall: Hall) -> None:
    small_hall.limits[0] = Limits(stuck_seconds=0.4, look_seconds=0.1)
    await small_hall.model("small")

    async def endless(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, [ROLE, *[event("x" * 100_000)] * 1_000])

    small_hall.provider.script = endless
    key = await small_hall.key()
    body = json.dumps(ASK | {"stream": True}).encode()
    host, _, port = small_hall.address.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=1_000)
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await asyncio.sleep(0.2)
    assert small_hall.gateway.desk.meters.in_flight == 1
    async with asyncio.timeout(3):
        while small_hall.gateway.desk.meters.in_flight:
            await asyncio.sleep(0.05)
    writer.transport.abort()
    async with asyncio.timeout(1):
        while not small_hall.provider.gone:
            await asyncio.sleep(0.05)
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["cancelled"]


@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_in_letters_that_are_none_is_still_the_providers(small_hall: Hall, stream: bool) -> None:
    await small_hall.model("small")
    error = b'{"error":{"message":"\\ud800"}}'

    async def odd(sent: Sent, request: web.Request) -> web.StreamResponse:
        if stream:
            return await streamed(request, [b"data: " + error + b"\n\n"])
        return web.Response(body=error, content_type="application/json")

    small_hall.provider.script = odd
    answer = await small_hall.call(CHAT, ASK | {"stream": stream}, await small_hall.key())
    assert (answer.status, answer.json["error"]["code"]) == (502, "provider_broke")


async def test_a_client_that_pauses_longer_than_the_idle_deadline_loses_nothing(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.bounds[0] = Bounds(Deadlines(first_byte=5, idle=0.3))

    async def whole(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, [ROLE, *[event("x" * 60_000)] * 200, event(finish="stop"), DONE], pause=0.001)

    small_hall.provider.script = whole
    async with small_hall.client.post(
        small_hall.address + CHAT,
        json=ASK | {"stream": True},
        headers={"authorization": f"Bearer {await small_hall.key()}"},
    ) as response:
        await response.content.readany()
        await asyncio.sleep(1)
        rest = await response.content.read()
    assert rest.endswith(DONE)
