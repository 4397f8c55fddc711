"""Replies are read as RFC 9112 frames them, however they arrive; what has two readings is refused."""

import random

import pytest

from modelhall.domain.errors import BadRequest, ProviderBroke
from modelhall.gateway.outgoing import header_line, request_to
from modelhall.gateway.replies import Chunked, read_head
from modelhall.gateway.upstream import Upstream
from tests.gateway.wires.raw import CHUNKED, HELLO, QUICK, Visit, asking, called, once, raw, until

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKS = CHUNKED + b'3\r\nhel\r\n2;a=b;c="d"\r\nlo\r\n0\r\nx-late: 1\r\nx-later: 2\r\n\r\n'
WHOLE = {
    "measured": HELLO,
    "chunked": CHUNKS,
    "until the end": OK + b"\r\nhello",
    "after others": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + HELLO,
    "of old": b"HTTP/1.0 200\r\ncontent-length: 5\r\n\r\nhello",
    "told twice": OK + b"content-length: 5\r\nContent-Length:5, 5\r\n\r\nhello",
}


@pytest.mark.parametrize("reply", WHOLE.values(), ids=WHOLE)
async def test_a_reply_is_the_same_wherever_it_is_split(reply: bytes) -> None:
    cuts = iter(range(1, len(reply)))

    async def script(visit: Visit) -> None:
        for cut in cuts:
            await visit.request()
            await visit.send(reply[:cut], reply[cut:])
            if reply in {WHOLE["until the end"], WHOLE["of old"]}:
                return

    async with Upstream.open() as upstream, raw(script) as provider:
        for cut in range(1, len(reply)):
            assert await called(upstream, provider) == (200, b"hello"), cut


@pytest.mark.parametrize("reply", WHOLE.values(), ids=WHOLE)
async def test_a_reply_may_come_byte_by_byte(reply: bytes) -> None:
    script = once(*(reply[each : each + 1] for each in range(len(reply))))
    async with Upstream.open() as upstream, raw(script) as provider:
        assert await called(upstream, provider) == (200, b"hello")


@pytest.mark.parametrize("status", [204, 304])
async def test_some_replies_have_no_body_whatever_they_say(status: int) -> None:
    async with Upstream.open() as upstream, raw(once(b"HTTP/1.1 %d No\r\ncontent-length: 5\r\n\r\n" % status)) as there:
        assert await called(upstream, there) == (status, b"")


async def test_names_of_headers_are_told_in_lower_case_and_their_values_joined() -> None:
    reply = OK + b"X-A: 1\r\nx-a:\t2 \r\nRetry-After: 3\r\nx-odd: \xe2\x82\xac\r\nx-none:\r\ncontent-length: 0\r\n\r\n"
    async with (
        Upstream.open() as upstream,
        raw(once(reply)) as provider,
        upstream.send(asking(provider), QUICK) as answer,
    ):
        told = dict(answer.headers)
    assert told == {"x-a": "1, 2", "retry-after": "3", "x-odd": "\xe2\x82\xac", "x-none": "", "content-length": "0"}


HEADS = {
    "no http": b"SSH-2.0-OpenSSH_9.6\r\n",
    "other version": b"HTTP/2.0 200 OK\r\n\r\n",
    "status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "status of letters": b"HTTP/1.1 2oo OK\r\n\r\n",
    "blank before": b" HTTP/1.1 200 OK\r\n\r\n",
    "line before": b"\r\n" + HELLO,
    "bare line ends": HELLO.replace(b"\r\n", b"\n"),
    "a bare line end": OK + b"a: 1\nb: 2\r\n\r\n",
    "a bare return": OK + b"a: 1\rb: 2\r\n\r\n",
    "folded": OK + b"a: 1\r\n 2\r\n\r\n",
    "blank before colon": OK + b"content-length : 5\r\n\r\nhello",
    "no name": OK + b": 1\r\n\r\n",
    "no colon": OK + b"bad header\r\n\r\n",
    "name of odd letters": OK + b"a(b): 1\r\n\r\n",
    "nul": OK + b"a: \0\r\n\r\n",
    "two lengths": OK + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
    "two lengths in one": OK + b"content-length: 5, 6\r\n\r\nhello",
    "negative length": OK + b"content-length: -5\r\n\r\nhello",
    "signed length": OK + b"content-length: +5\r\n\r\nhello",
    "length of letters": OK + b"content-length: five\r\n\r\nhello",
    "no length": OK + b"content-length:\r\n\r\nhello",
    "endless length": OK + b"content-length: " + b"9" * 30 + b"\r\n\r\nhello",
    "length and chunks": OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
    "unknown coding": OK + b"transfer-encoding: gzip\r\n\r\n",
    "two codings": OK + b"transfer-encoding: gzip, chunked\r\n\r\n",
    "chunked twice": OK + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
    "chunked of old": b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n",
    "only others": b"HTTP/1.1 103 Early\r\n\r\n" * 9,
    "long head": OK + b"a: " + b"x" * 40_000 + b"\r\n\r\n",
    "many headers": OK + b"a: 1\r\n" * 6_000 + b"\r\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
async def test_a_head_that_has_two_readings_or_none_is_refused_at_once(head: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head)
        await visit.gone()

    async with Upstream.open() as upstream, raw(script) as provider:
        with pytest.raises(ProviderBroke):
            async with upstream.send(asking(provider), QUICK):
                pass
        assert upstream.pools.kept == 0


BODIES = {
    "no size": b"\r\nhello\r\n",
    "size of letters": b"zz\r\n",
    "prefixed size": b"0x5\r\nhello\r\n",
    "signed size": b"+5\r\nhello\r\n",
    "blank before": b" 5\r\nhello\r\n",
    "endless size": b"f" * 17 + b"\r\nhello\r\n",
    "bare line end": b"5\nhello\n",
    "longer than told": b"4\r\nhello\r\n",
    "shorter than told": b"6\r\nhello\r\n0\r\n\r\n",
    "broken trailer": b"5\r\nhello\r\n0\r\nbad trailer\r\n\r\n",
    "endless extension": b"5;" + b"a" * 200_000,
    "endless trailers": b"0\r\n" + b"a: 1\r\n" * 30_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_what_is_no_chunk_is_refused_at_once(body: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED, body)
        await visit.gone()

    async with Upstream.open() as upstream, raw(script) as provider:
        with pytest.raises(ProviderBroke):
            await called(upstream, provider)
        assert upstream.pools.kept == 0


@pytest.mark.parametrize("late", [b"", b"garbage", HELLO, b"0\r\n\r\n", b"\0"], ids=repr)
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("reply", [HELLO, CHUNKS], ids=["measured", "chunked"])
async def test_what_comes_behind_a_reply_belongs_to_none(reply: bytes, late: bytes, apart: bool) -> None:
    async def script(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.send(*(reply, late) if apart else (reply + late,))

    async with Upstream.open() as upstream, raw(script) as provider:
        for _ in range(3):
            assert await called(upstream, provider) == (200, b"hello")
            await until(lambda: provider.left == provider.visits or not late)
            await until(lambda: upstream.pools.open == 0 or not late)
        assert provider.visits == (3 if late else 1)


def test_chunks_are_the_same_in_any_split() -> None:
    dice = random.Random(7)
    for _ in range(300):
        parts = [dice.randbytes(dice.choice((1, 2, 15, 16, 300, 5000))) for _ in range(dice.randrange(1, 9))]
        wire = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        out = list[bytes]()
        body, place = Chunked(out), 0
        while place < len(wire):
            assert not body.over
            step = dice.choice((1, 2, 3, 100, 10_000))
            body.feed(wire[place : place + step])
            place += step
        assert (body.over, body.surplus, b"".join(out)) == (True, False, b"".join(parts))


def test_a_head_says_whether_its_connection_may_be_kept() -> None:
    def keeps(head: bytes) -> bool:
        return read_head(head).keeps

    assert keeps(OK + b"content-length: 5\r\n\r\n")
    assert keeps(OK + b"connection: keep-alive\r\ntransfer-encoding: Chunked\r\n\r\n")
    assert not keeps(OK + b"Connection: x, Close\r\ncontent-length: 5\r\n\r\n")
    assert not keeps(OK + b"\r\n")
    assert not keeps(b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\n")


@pytest.mark.parametrize("bad", ["two\r\nlines", "two\nlines", "two\rlines", "nul\0", "\u20ac", "\x7f"])
def test_no_value_ends_a_line_of_the_head(bad: str) -> None:
    with pytest.raises(BadRequest, match="not allowed"):
        header_line("x-a", bad)
    with pytest.raises(BadRequest, match="not allowed"):
        header_line(bad, "1")
    with pytest.raises(BadRequest, match="not allowed"):
        request_to("http://127.0.0.1/", {"x-a": bad}, None, private_allowed=True)
