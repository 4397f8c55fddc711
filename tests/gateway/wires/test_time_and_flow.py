"""Silence, slowness and size are bounded: deadlines fire in time, and neither side is sent more than it takes."""

import asyncio
import resource
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from modelhall.domain.errors import DeadlineExceeded, ModelhallError, ProviderHungUp, ProviderUnreachable
from modelhall.gateway.connector import AddressInfo, Guard
from modelhall.gateway.dial import first_connected, in_turn
from modelhall.gateway.outgoing import request_to
from modelhall.gateway.upstream import Deadlines, Upstream
from tests.gateway.wires.raw import CHUNKED, HELLO, QUICK, Provider, Visit, asking, called, once, raw, until

pytestmark = pytest.mark.timed
SHORT = 0.4
MEBIBYTE = 2**20


@contextmanager
def deadline(seconds: float, error: type[ModelhallError], match: str) -> Generator[None]:
    """It must fire after so many seconds, at most a quarter of a second late."""
    began = time.monotonic()
    with pytest.raises(error, match=match):
        yield
    assert seconds - 0.01 <= time.monotonic() - began <= seconds + 0.25


@contextmanager
def deaf() -> Generator[tuple[str, int]]:
    """A place on loopback that answers no attempt to connect."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        time.sleep(0.01)
        yield listener.getsockname()


async def _silent(visit: Visit) -> None:
    await visit.gone()


async def test_a_connection_that_does_not_come_about_is_given_up() -> None:
    with deaf() as (host, port):
        async with Upstream.open() as upstream:
            asked = request_to(f"http://{host}:{port}/", {}, None, private_allowed=True)
            with deadline(SHORT, ProviderUnreachable, "connect deadline"):
                async with upstream.send(asked, Deadlines(connect=SHORT)):
                    pass
            with deadline(SHORT, DeadlineExceeded, "silent"):
                async with upstream.send(asked, Deadlines(connect=5, total=SHORT)):
                    pass


async def test_a_handshake_that_does_not_come_about_is_given_up() -> None:
    async with Upstream.open() as upstream, raw(_silent) as provider:
        asked = request_to(provider.url.replace("http:", "https:"), {}, None, private_allowed=True)
        with deadline(SHORT, ProviderUnreachable, "connect deadline"):
            async with upstream.send(asked, Deadlines(connect=SHORT)):
                pass
        await until(lambda: provider.left == 1)


@pytest.mark.parametrize("deadlines", [Deadlines(first_byte=SHORT, idle=5), Deadlines(total=SHORT)])
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", HELLO[:-5], CHUNKED, CHUNKED + b"5"])
async def test_silence_before_the_first_byte_of_the_body_is_bounded(deadlines: Deadlines, begun: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(begun)
        await visit.gone()

    async with Upstream.open() as upstream, raw(script) as provider:
        with deadline(SHORT, DeadlineExceeded, "silent"):
            async with upstream.send(asking(provider), deadlines) as answer:
                await answer.read()
        await until(lambda: provider.left == 1)


async def test_silence_in_the_middle_is_bounded_by_another_deadline() -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED, b"1\r\na\r\n")
        await asyncio.sleep(0.2)
        await visit.send(b"1\r\nb\r\n")
        await visit.gone()

    async with (
        Upstream.open() as upstream,
        raw(script) as provider,
        upstream.send(asking(provider), Deadlines(first_byte=5, idle=SHORT)) as answer,
    ):
        assert [await answer.read(), await answer.read()] == [b"a", b"b"]
        with deadline(SHORT, DeadlineExceeded, "silent"):
            await answer.read()


async def test_who_drips_is_waited_for_until_the_total_deadline() -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED)
        while True:
            await visit.send(b"1\r\na\r\n")
            await asyncio.sleep(0.1)

    async with Upstream.open() as upstream, raw(script) as provider:
        with deadline(1, DeadlineExceeded, "silent"):
            async with upstream.send(asking(provider), Deadlines(first_byte=0.3, idle=0.3, total=1)) as answer:
                await answer.whole(MEBIBYTE)


async def test_a_hundred_deadlines_fire_together_in_time() -> None:
    async with Upstream.open() as upstream, raw(_silent) as provider:

        async def one() -> None:
            async with upstream.send(asking(provider), Deadlines(first_byte=SHORT)):
                pass

        began = time.monotonic()
        ends = await asyncio.gather(*(one() for _ in range(100)), return_exceptions=True)
        assert {type(end) for end in ends} == {DeadlineExceeded}
        assert SHORT <= time.monotonic() - began <= SHORT + 0.5


async def test_a_reader_that_pauses_stops_the_provider_and_loses_nothing() -> None:
    total, sent = 64 * MEBIBYTE, [0]

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % total)
        while sent[0] < total:
            visit.writer.write(bytes(MEBIBYTE))
            await visit.writer.drain()
            sent[0] += MEBIBYTE
        await visit.gone()

    async with Upstream.open() as upstream, raw(script) as provider:
        async with upstream.send(asking(provider), Deadlines(first_byte=1, idle=0.3)) as answer:
            got = len(await answer.read())
            await asyncio.sleep(0.3)
            before, memory = sent[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            await asyncio.sleep(0.7)
            assert sent[0] == before < total // 2, "the provider's writes stall"
            while data := await answer.read():
                got += len(data)
        assert got == total
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 16 * 1024
        assert upstream.pools.kept == 1


async def test_a_big_body_goes_up_as_fast_as_it_is_taken() -> None:
    body, seen = bytes(range(256)) * 65536, list[bool]()

    async def script(visit: Visit) -> None:
        while True:
            await asyncio.sleep(0.05)
            seen.append((await visit.request())[1] == body)
            await visit.send(HELLO)

    async with Upstream.open() as upstream, raw(script) as provider:
        for _ in range(2):
            assert await called(upstream, provider, body) == (200, b"hello")
        assert (seen, provider.visits) == ([True, True], 1)


async def test_an_early_answer_is_read_while_the_body_still_goes_up() -> None:
    async def script(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.send(HELLO.replace(b"200 OK", b"413 Too Large"))
        await asyncio.sleep(0.2)

    async with Upstream.open() as upstream, raw(script) as provider:
        for _ in range(2):
            assert await called(upstream, provider, bytes(32 * MEBIBYTE)) == (413, b"hello")
        assert (provider.visits, upstream.pools.kept) == (2, 0)


async def test_a_provider_that_hangs_up_in_the_middle_of_a_big_body_is_told() -> None:
    async def script(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        visit.reset()

    async with Upstream.open() as upstream, raw(script) as provider:
        with pytest.raises(ProviderHungUp):
            await called(upstream, provider, bytes(32 * MEBIBYTE))


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", CHUNKED, CHUNKED + b"5\r\nhel"])
async def test_who_is_cancelled_has_hung_up(begun: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(begun)
        ready.set()
        await visit.gone()

    async with Upstream.open() as upstream, raw(script) as provider:
        ready = asyncio.Event()
        task = asyncio.create_task(called(upstream, provider))
        await ready.wait()
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: provider.left == 1)
        assert time.monotonic() - began < 0.1
        assert (upstream.pools.open, upstream.pools.kept) == (0, 0)


async def test_who_is_cancelled_while_connecting_leaves_nothing() -> None:
    with deaf() as (host, port):
        async with Upstream.open() as upstream:
            asked = request_to(f"http://{host}:{port}/", {}, None, private_allowed=True)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1), upstream.send(asked, QUICK):
                    pass
            assert upstream.pools.open == 0


async def test_ipv6_is_called_too() -> None:
    async with Upstream.open() as upstream, raw(_named, host="::1") as provider:
        status, body = await called(upstream, provider)
        assert (status, body.decode()) == (200, provider.url.split("/")[2])


async def _named(visit: Visit) -> None:
    head, _ = await visit.request()
    host = head.partition(b"host: ")[2].partition(b"\r\n")[0]
    await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(host), host))


def _place(host: str, port: int) -> AddressInfo:
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))


async def test_the_next_address_is_tried_when_one_refuses_or_keeps_us_waiting() -> None:
    guard = Guard(private_allowed=True)
    async with raw(_silent) as provider:
        good = int(provider.url.split(":")[2].partition("/")[0])
        with deaf() as (_, slow), socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            refusing = closed.getsockname()[1]
            for before, least, most in (([refusing], 0.0, 0.24), ([slow], 0.2, 0.5), ([refusing, slow], 0.2, 0.5)):
                began = time.monotonic()
                places = [_place("127.0.0.1", port) for port in (*before, good)]
                (await first_connected(places, guard)).close()
                assert least <= time.monotonic() - began <= most, before
            with pytest.raises(ConnectionRefusedError):
                await first_connected([_place("127.0.0.1", refusing)] * 3, guard)


def test_families_are_tried_by_turns() -> None:
    four, six = _place("127.0.0.1", 1), (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 1, 0, 0))
    assert in_turn([six, six, six, four]) == [six, four, six, six]
    assert in_turn([four, four]) == [four, four]


async def test_a_port_that_nobody_listens_on_is_unreachable_and_named_without_its_address() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        provider = Provider(f"http://127.0.0.1:{closed.getsockname()[1]}/")
        async with Upstream.open() as upstream:
            with pytest.raises(ProviderUnreachable) as told:
                await called(upstream, provider)
    assert told.value.message == "no connection to the provider: Connection refused"


async def test_closing_the_house_closes_what_is_under_way() -> None:
    async with raw(once(HELLO)) as provider, Upstream.open() as other:
        async with Upstream.open() as upstream:
            exchange = upstream.send(asking(provider), QUICK)
            assert (await exchange.__aenter__()).status == 200
        assert upstream.pools.open == 0
        assert await called(other, provider) == (200, b"hello")
