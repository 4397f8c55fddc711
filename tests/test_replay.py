"""The replay server plays what was recorded, keeps what it was sent, and breaks as it is told."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.replay import Cassette, Cut, Manner, Replay


async def ask(origin: str, body: str = "{}") -> tuple[int, bytes]:
    """Status and body of one request."""
    async with aiohttp.ClientSession() as session, session.post(f"{origin}/v1/chat/completions", data=body) as answer:
        return answer.status, await answer.read()


async def test_a_recording_is_played_byte_for_byte_and_the_request_is_kept() -> None:
    cassette = Cassette.load("groq/chat_stream")
    async with Replay("groq/chat_stream") as upstream:
        assert await ask(upstream.origin, '{"model":"m"}') == (200, cassette.body)
    (sent,) = upstream.sent
    assert (sent.method, sent.path, sent.json) == ("POST", "/v1/chat/completions", {"model": "m"})
    assert sent.headers["content-length"] == "13"
    assert upstream.left == []


async def test_each_request_gets_the_next_reply_and_the_last_is_repeated() -> None:
    busy = Cassette(b'{"error":{}}', status=429, headers=(("retry-after", "3"),))
    async with Replay(busy, "groq/chat") as upstream:
        statuses = [(await ask(upstream.origin))[0] for _ in range(3)]
    assert statuses == [429, 200, 200]


async def test_one_connection_serves_many_requests() -> None:
    async with Replay("groq/chat") as upstream, aiohttp.ClientSession() as session:
        for _ in range(20):
            async with session.post(f"{upstream.origin}/x", data=b"{}") as answer:
                assert answer.status == 200
                await answer.read()
    assert len(upstream.sent) == 20


async def test_a_reply_may_come_in_single_bytes() -> None:
    async with Replay("groq/chat_stream", manner=Manner(piece_bytes=1)) as upstream:
        assert (await ask(upstream.origin))[1] == Cassette.load("groq/chat_stream").body


@pytest.mark.parametrize("cut", ["fin", "rst", "no_terminator"])
async def test_a_cut_reply_is_seen_as_one(cut: Cut) -> None:
    manner = Manner(cut_after=None if cut == "no_terminator" else 2, cut=cut, pause_s=0.01)
    async with Replay("groq/chat_stream", manner=manner) as upstream:
        with pytest.raises(aiohttp.ClientError):
            await ask(upstream.origin)


async def test_a_client_that_leaves_is_noticed() -> None:
    async with Replay("groq/chat_stream", manner=Manner(pause_s=5)) as upstream:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(upstream.origin), 0.2)
        for _ in range(100):
            if upstream.left:
                break
            await asyncio.sleep(0.01)
        assert len(upstream.left) == 1
        assert upstream.pieces_sent == 1
