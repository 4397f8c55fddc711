"""A reply that is cut anywhere is never taken for a whole one, and what came of it is not lost."""

import asyncio

import pytest

from modelhall.domain.errors import ProviderCut, ProviderHungUp
from modelhall.gateway.upstream import Answer, Upstream
from tests.gateway.wires.raw import CHUNKED, HELLO, QUICK, Provider, Visit, asking, called, once, raw

CHUNKS = CHUNKED + b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\nhello"


async def heard(upstream: Upstream, provider: Provider) -> bytes:
    """What came of the body before the cut. Raises what the head ends in."""
    seen = list[bytes]()

    async def read_on(answer: Answer) -> None:
        while data := await answer.read():
            seen.append(data)

    async with upstream.send(asking(provider), QUICK) as answer:
        with pytest.raises(ProviderCut, match="in the middle"):
            await read_on(answer)
    return b"".join(seen)


@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("reply", [HELLO, CHUNKS], ids=["measured", "chunked"])
async def test_a_cut_at_any_byte_is_told(reply: bytes, reset: bool) -> None:
    head = reply.index(b"\r\n\r\n") + 4
    async with Upstream.open() as upstream:
        for cut in range(len(reply)):
            async with raw(once(reply[:cut], reset=reset)) as provider:
                if cut < head:
                    with pytest.raises(ProviderHungUp) as error:
                        await called(upstream, provider)
                    assert error.value.details == {"kept": False}
                else:
                    seen = await heard(upstream, provider)
                    assert seen == _content(reply[head:cut], reply)
        assert (upstream.pools.kept, upstream.pools.open) == (0, 0)


def _content(sent: bytes, reply: bytes) -> bytes:
    return sent if reply is HELLO else bytes(each for each in sent if chr(each) in "helo")


async def test_a_body_without_any_framing_ends_with_its_connection_but_not_when_that_breaks() -> None:
    async with Upstream.open() as upstream:
        async with raw(once(ENDLESS)) as provider:
            assert await called(upstream, provider) == (200, b"hello")
        async with raw(once(ENDLESS, reset=True)) as provider:
            assert await heard(upstream, provider) == b"hello"
        assert upstream.pools.kept == 0


async def test_what_came_before_the_cut_is_read_before_it_is_told() -> None:
    pieces = [b"%x\r\n%b\r\n" % (1000, b"x" * 1000) for _ in range(20)]
    async with Upstream.open() as upstream, raw(once(CHUNKED, *pieces, reset=True)) as provider:
        assert await heard(upstream, provider) == b"x" * 20_000


@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
async def test_a_kept_connection_that_died_after_the_request_went_out_is_named_so(reset: bool) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(HELLO)
        await visit.request()
        if reset:
            visit.reset()

    async with Upstream.open() as upstream, raw(script) as provider:
        assert await called(upstream, provider) == (200, b"hello")
        with pytest.raises(ProviderHungUp) as kept:
            await called(upstream, provider)
        assert kept.value.details == {"kept": True}
        assert provider.visits == 1


async def test_where_one_kept_connection_was_dead_the_next_call_gets_a_fresh_one() -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(HELLO)
        await visit.request()
        visit.reset()

    async with Upstream.open() as upstream, raw(script) as provider:
        await asyncio.gather(*(called(upstream, provider) for _ in range(5)))
        assert upstream.pools.kept == 5
        with pytest.raises(ProviderHungUp):
            await called(upstream, provider)
        assert await called(upstream, provider) == (200, b"hello")
        assert provider.visits == 6


@pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_a_kept_connection_that_said_something_was_not_dead(begun: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(HELLO)
        await visit.request()
        await visit.send(begun)

    async with Upstream.open() as upstream, raw(script) as provider:
        await called(upstream, provider)
        with pytest.raises(ProviderHungUp) as told:
            await called(upstream, provider)
        assert told.value.details == {"kept": False}


@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
async def test_a_fresh_connection_that_ends_without_a_word_is_no_kept_one(reset: bool) -> None:
    async with Upstream.open() as upstream, raw(once(reset=reset)) as provider:
        with pytest.raises(ProviderHungUp) as told:
            await called(upstream, provider)
        assert told.value.details == {"kept": False}
