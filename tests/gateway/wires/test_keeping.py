"""Connections are used again when that is safe, and only then."""

import asyncio
import ssl

import pytest

from modelhall.gateway.outgoing import request_to
from modelhall.gateway.pools import MOST_KEPT, Pools
from modelhall.gateway.upstream import Upstream
from tests.gateway.wires.raw import (
    CHUNKED,
    HELLO,
    QUICK,
    Provider,
    Visit,
    answering,
    asking,
    called,
    once,
    raw,
    until,
)


async def test_one_connection_serves_call_after_call() -> None:
    chunked = CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"
    empty = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    async with Upstream.open() as upstream, raw(answering(HELLO, chunked, empty, HELLO)) as provider:
        said = [await called(upstream, provider) for _ in range(5)]
        assert said == [(200, b"hello"), (200, b"hello"), (200, b""), (200, b"hello"), (200, b"hello")]
        assert await called(upstream, provider, None) == (200, b"hello")
        assert (provider.visits, upstream.pools.kept, upstream.pools.open) == (1, 1, 1)


async def test_calls_at_once_have_a_connection_each_and_the_newest_is_used_first() -> None:
    served: list[int] = []

    async def script(visit: Visit) -> None:
        number = len(served)
        served.append(0)
        while True:
            await visit.request()
            served[number] += 1
            await visit.send(HELLO)

    async with Upstream.open() as upstream, raw(script) as provider:
        await asyncio.gather(*(called(upstream, provider) for _ in range(8)))
        assert (provider.visits, upstream.pools.kept) == (8, 8)
        for _ in range(10):
            await called(upstream, provider)
        assert provider.visits == 8
        assert sorted(served) == [1] * 7 + [11]


@pytest.mark.parametrize(
    "reply",
    [
        HELLO.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"),
        HELLO.replace(b"OK\r\n", b"OK\r\nconnection: Keep-Alive, CLOSE\r\n"),
        HELLO.replace(b"1.1", b"1.0"),
        HELLO.replace(b"1.1 200 OK", b"1.0 200 OK\r\nconnection: keep-alive"),
    ],
)
async def test_a_provider_that_does_not_promise_to_keep_it_is_believed(reply: bytes) -> None:
    async with Upstream.open() as upstream, raw(answering(reply)) as provider:
        for _ in range(3):
            assert await called(upstream, provider) == (200, b"hello")
        assert (provider.visits, upstream.pools.kept) == (3, 0)


async def test_a_kept_connection_that_the_provider_has_closed_is_not_used() -> None:
    async with Upstream.open() as upstream, raw(once(HELLO)) as provider:
        for _ in range(3):
            assert await called(upstream, provider) == (200, b"hello")
            await until(lambda: upstream.pools.open == 0)
            assert upstream.pools.kept == 0
        assert provider.visits == 3


async def test_an_answer_that_is_left_early_takes_its_connection_with_it() -> None:
    async with Upstream.open() as upstream, raw(answering(HELLO[:-2])) as provider:
        async with upstream.send(asking(provider), QUICK) as answer:
            assert await answer.read() == b"hel"
        assert (upstream.pools.kept, provider.visits) == (0, 1)
        await until(lambda: provider.left == 1)


async def test_an_answer_whose_body_is_here_but_unread_is_no_loss() -> None:
    async with Upstream.open() as upstream, raw(answering(HELLO)) as provider:
        for _ in range(3):
            async with upstream.send(asking(provider), QUICK) as answer:
                assert answer.status == 200
        assert await called(upstream, provider) == (200, b"hello")
        assert provider.visits == 1


@pytest.mark.alone
async def test_no_more_than_so_many_are_kept() -> None:
    most = MOST_KEPT + 20
    together = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        if provider.visits >= most:
            together.set()
        await together.wait()
        await visit.send(HELLO)
        await visit.gone()

    async with Upstream.open() as upstream, raw(script) as provider:
        await asyncio.gather(*(called(upstream, provider) for _ in range(most)))
        assert upstream.pools.kept == MOST_KEPT
        await until(lambda: upstream.pools.open == MOST_KEPT)
        await until(lambda: provider.left == 20)
    assert upstream.pools.open == 0


async def test_kept_connections_are_closed_after_their_time() -> None:
    pools = Pools(ssl.create_default_context(), kept_s=0.15)
    upstream = Upstream(pools)
    async with raw(answering(HELLO)) as provider:
        await called(upstream, provider)
        await asyncio.sleep(0.1)
        await called(upstream, provider)
        assert (provider.visits, pools.kept) == (1, 1)
        await until(lambda: (pools.kept, pools.open, provider.left) == (0, 0, 1))
    await pools.close()


async def test_private_and_public_calls_share_no_connection() -> None:
    async with Upstream.open() as upstream, raw(answering(HELLO)) as provider:
        await called(upstream, provider)
        with pytest.raises(Exception, match="private address"):
            async with upstream.send(request_to(provider.url, {}, b"{}", private_allowed=False), QUICK):
                pass
        assert provider.visits == 1


async def test_the_end_of_a_drained_answer_is_waited_for_beside_the_next_call() -> None:
    async def script(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.send(CHUNKED + b"5\r\nhello\r\n")
            await asyncio.sleep(0.01)
            await visit.send(b"0\r\n\r\n")

    async with Upstream.open() as upstream, raw(script) as provider:
        for _ in range(3):
            assert await _drained(upstream, provider) == b"hello"
            assert upstream.pools.kept == 0
            await until(lambda: upstream.pools.kept == 1)
        assert provider.visits == 1


@pytest.mark.parametrize("more", [b"", b"5\r\nworld\r\n", b"0\r\n\r\ngarbage", b"zzz\r\n"], ids=repr)
async def test_a_drained_answer_that_does_not_end_is_left_soon(more: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED + b"5\r\nhello\r\n")
        while more:
            await visit.send(more)
        await visit.gone()

    async with Upstream.open() as upstream, raw(script) as provider:
        assert await _drained(upstream, provider) == b"hello"
        left = asyncio.get_running_loop().time()
        await until(lambda: (upstream.pools.kept, upstream.pools.open, provider.left) == (0, 0, 1))
        assert asyncio.get_running_loop().time() - left < 0.4


async def _drained(upstream: Upstream, provider: Provider) -> bytes:
    async with upstream.send(asking(provider), QUICK) as answer:
        data = await answer.read()
        await answer.drain()
        return data[:5]
