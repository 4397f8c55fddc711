"""No call goes to an address that may not be called, however it is spelled."""

import asyncio
import gzip
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

import pytest
from yarl import URL

from modelhall.domain.errors import (
    AddressNotAllowed,
    BadRequest,
    DeadlineExceeded,
    ProviderBroke,
    ProviderUnreachable,
)
from modelhall.domain.library import Profile
from modelhall.gateway.connector import NEVER, PRIVATE, Guard, Network, inside, is_never, is_private
from modelhall.gateway.credentials import Credentials, origin_of
from modelhall.gateway.outgoing import endpoint_of, request_to
from modelhall.gateway.prepare import Lines
from modelhall.gateway.upstream import Deadlines, Upstream
from modelhall.providers.addresses import parsed_base_url
from modelhall.providers.registry import provider_named
from tests.gateway.hall import NoEngine
from tests.gateway.spellings import NEVER_V4, NEVER_V6, PRIVATE_V4, PRIVATE_V6, ambiguous_urls, hosts, in_v6
from tests.support.memory import most_memory

PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255"),
    *("2606:4700:4700::1111", "2a00:1450::1", "2001:200::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"),
)
LOOPBACK = (
    *("127.0.0.1", "localhost", "LOCALHOST", "localhost.", "2130706433", "0x7f000001", "0177.0.0.1", "127.1"),
    *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
)
QUICK = Deadlines(connect=1, first_byte=0.5, idle=0.5, total=1)
MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize("text", [*NEVER_V4, *NEVER_V6])
def test_addresses_that_are_never_called(text: str) -> None:
    assert is_never(ip_address(text))


@pytest.mark.parametrize("text", [*PRIVATE_V4, *PRIVATE_V6])
def test_private_addresses_need_a_yes_and_may_have_one(text: str) -> None:
    assert is_private(ip_address(text))
    assert not is_never(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_need_no_yes(text: str) -> None:
    assert not is_private(ip_address(text))
    assert not is_never(ip_address(text))


@pytest.mark.parametrize("network", [*NEVER, *PRIVATE], ids=str)
def test_each_network_of_the_tables_counts_to_its_first_and_last_address(network: Network) -> None:
    for address in (network[0], network[-1]):
        assert is_never(address) or is_private(address)


@pytest.mark.parametrize("text", in_v6("169.254.169.254"))
def test_a_metadata_address_inside_ipv6_is_never_called(text: str) -> None:
    assert is_never(ip_address(text))


@pytest.mark.parametrize("text", in_v6("10.1.2.3"))
def test_a_private_address_inside_ipv6_needs_a_yes_and_may_have_one(text: str) -> None:
    address = ip_address(text)
    assert is_private(address)
    assert not is_never(address)
    assert ip_address("10.1.2.3") in inside(address)


def test_what_the_standard_library_takes_for_private_needs_a_yes_here_too() -> None:
    """The other way round it misses some; here nothing that it refuses may pass."""
    for text in hosts():
        try:
            address = ip_address(text.strip("[]"))
        except ValueError:
            continue
        if not address.is_global and not (isinstance(address, IPv6Address) and address.ipv4_mapped):
            assert is_private(address) or is_never(address), text


def test_a_yes_opens_private_addresses_and_no_metadata() -> None:
    yes, no = Guard(private_allowed=True), Guard(private_allowed=False)
    yes.check("inside", ip_address("10.0.0.1"))
    with pytest.raises(AddressNotAllowed, match="never"):
        yes.check("metadata", ip_address("169.254.169.254"))
    with pytest.raises(AddressNotAllowed, match="modelhall profile edit"):
        no.check("inside", ip_address("10.0.0.1"))
    for odd in ("2130706433", "127.1", "0x7f000001", "\u0661.1.1.1", "", "localhost"):
        with pytest.raises(AddressNotAllowed, match="no plain IP address"):
            yes.check_place(odd, odd)


def test_an_address_that_the_operator_named_opens_that_host_and_port_only() -> None:
    named = Lines(Credentials(lambda _: "", {}), NoEngine(), ["10.0.0.7:11434", "gpu-box:8080"])
    now, provider = datetime.now(UTC), provider_named("openai-compatible")
    whose = ("1", "1", "den", provider.name, "Den")

    def opened(base_url: str) -> bool:
        profile = Profile(*whose, base_url, {}, None, None, None, "person", False, 0, 1, (), now, now)
        return named.line_of(profile, provider).private_allowed

    assert opened("http://10.0.0.7:11434/v1")
    assert opened("http://GPU-box:8080")
    for other in ("10.0.0.7:22", "10.0.0.7", "10.0.0.8:11434", "gpu-box:80", "gpu-box.example:8080", "[::a00:7]:11434"):
        assert not opened(f"http://{other}/v1"), other


@asynccontextmanager
async def serving(answer: bytes, *, again: bytes = b"", pause: float = 0.0) -> AsyncGenerator[tuple[str, list[bytes]]]:
    """A server on loopback that gives an answer, then a piece again and again; its address, and what it was sent."""
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            while again:
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(pause)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_spelling_of_loopback_is_connected_to_without_a_yes(host: str) -> None:
    async with (
        serving(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as (address, asked),
        Upstream.open() as upstream,
    ):
        url = f"http://{host}:{address.rpartition(':')[2]}"
        with pytest.raises((AddressNotAllowed, ProviderUnreachable)) as refused:
            async with upstream.send(request_to(url, {}, b"{}", private_allowed=False), QUICK):
                pass
    assert asked == []
    assert "Connect call failed" not in str(refused.value)


@pytest.mark.parametrize("host", ["x" * 80 + ".example", "a..b"])
async def test_an_impossible_host_is_unreachable(host: str) -> None:
    async with Upstream.open() as upstream:
        with pytest.raises(ProviderUnreachable):
            async with upstream.send(request_to(f"http://{host}:9/v1", {}, None, private_allowed=True), QUICK):
                pass


@pytest.mark.parametrize("scheme", ["ftp", "file", "gopher", "ws", "wss", "unix", "http+unix", "data"])
def test_only_http_is_spoken(scheme: str) -> None:
    with pytest.raises(ProviderUnreachable, match="neither http:// nor https://"):
        request_to(f"{scheme}://127.0.0.1:9/", {}, None, private_allowed=True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    async with serving(b"HTTP/1.1 200 OK\r\n\r\n") as (inner, reached), Upstream.open() as upstream:
        head = f"HTTP/1.1 {status} Go\r\nlocation: {inner}/\r\nrefresh: 0; url={inner}\r\ncontent-length: 0\r\n\r\n"
        async with (
            serving(head.encode()) as (outer, asked),
            upstream.send(request_to(outer, {}, None, private_allowed=True), QUICK) as answer,
        ):
            assert answer.status == status
    assert (len(asked), reached) == (1, [])


async def test_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    ok = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    async with serving(ok) as (proxy, through), serving(ok) as (address, asked):
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with (
            Upstream.open() as upstream,
            upstream.send(request_to(address, {}, None, private_allowed=True), QUICK) as answer,
        ):
            assert answer.status == 200
    assert (len(asked), through) == (1, [])


def test_who_checks_and_who_connects_read_the_same_host_or_the_url_is_refused() -> None:
    urls = ambiguous_urls()
    assert len(urls) >= 500
    accepted = 0
    for text in urls:
        try:
            base = parsed_base_url(text)
        except BadRequest:
            continue
        accepted += 1
        url = base.origin + base.path
        assert parsed_base_url(url) == base, f"{text!r} is read otherwise a second time"
        called, asked = endpoint_of(url)
        for read in (urlsplit(url), urlsplit(base.origin), URL(url, encoded=True)):
            port = read.port or {"http": 80, "https": 443}[read.scheme]
            host = read.hostname if isinstance(read, SplitResult) else read.raw_host
            assert (called.scheme, called.host, called.port) == (read.scheme, host, port), text
        assert asked == (urlsplit(url).path or "/"), text
        assert origin_of(url) == str(URL(base.origin).origin()), text
        assert _system_reads(called.host) in {called.host, None}, text
    assert accepted >= 30, "plain URLs among them pass"


def test_what_is_called_has_one_reading_or_none() -> None:
    for text in (
        *ambiguous_urls(),
        "http://a@b/",
        "http://a#b",
        "http://a?b",
        "http://a:0/",
        "http://a:65536/",
        "http:///",
    ):
        try:
            called, _ = endpoint_of(text)
        except ProviderUnreachable:
            continue
        assert called.host == urlsplit(text).hostname == (URL(text, encoded=True).raw_host or "").lower(), text


def _system_reads(host: str) -> str | None:
    """The IPv4 address that the C library makes of a host; `None`: it is a name to it."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


@pytest.mark.parametrize("host", [each for each in hosts() if not each.startswith("[")])
def test_an_odd_spelling_is_no_base_url_and_a_plain_address_stays_itself(host: str) -> None:
    try:
        origin = parsed_base_url(f"http://{host}:8080/v1").origin
    except BadRequest:
        return
    assert origin == f"http://{host.lower()}:8080"
    assert _system_reads(host) in {host, None}


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.alone
@pytest.mark.parametrize(
    ("answer", "again", "pause", "expected"),
    [
        (CHUNKED, b"10000\r\n" + b"[" * 0x10000 + b"\r\n", 0.0, ProviderBroke),
        (HEAD + b"content-length: 99999999999\r\n\r\n", b" " * 65536, 0.0, ProviderBroke),
        (CHUNKED, b"1\r\n[\r\n", 0.05, DeadlineExceeded),
        (HEAD, b"x-more: 1\r\n", 0.0, ProviderBroke),
        (HEAD, b"x-slow: 1\r\n", 0.2, DeadlineExceeded),
        (HEAD + b"x-long: ", b"a" * 65536, 0.0, ProviderBroke),
        (b"", b"HTTP/1.1 103 Early\r\n\r\n", 0.01, DeadlineExceeded),
        (HEAD + b"".join(b"x-%d: 1\r\n" % number for number in range(100_000)) + b"\r\n{}", b"", 0.0, ProviderBroke),
        (CHUNKED[:-2] + b"\r\n" + b"f" * 100_000, b"f" * 65536, 0.0, ProviderBroke),
    ],
    ids=["endless", "too-long", "dripping", "headers", "slow-headers", "one-header", "1xx", "100000-headers", "size"],
)
async def test_a_server_without_end_is_left_in_bounded_time_and_memory(
    answer: bytes, again: bytes, pause: float, expected: type[Exception]
) -> None:
    began = time.monotonic()
    async with serving(answer, again=again, pause=pause) as (address, _), Upstream.open() as upstream:
        with most_memory(16), pytest.raises((expected, ProviderBroke)):
            async with upstream.send(request_to(address, {}, None, private_allowed=True), QUICK) as got:
                await got.whole(4 * MEBIBYTE)
    assert time.monotonic() - began <= QUICK.total + 0.5


async def test_a_compressed_list_is_never_unpacked() -> None:
    bomb = gzip.compress(b" " * 64 * MEBIBYTE)
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)
    async with (
        serving(head + bomb) as (address, _),
        Upstream.open() as upstream,
        upstream.send(request_to(address, {}, None, private_allowed=True), QUICK) as answer,
    ):
        with pytest.raises(ProviderBroke, match="compressed"):
            answer.refuse_coding()
        assert len(await answer.whole(MEBIBYTE)) == len(bomb)
