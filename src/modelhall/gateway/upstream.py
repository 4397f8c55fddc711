"""The one way out to providers: sends a prepared request, gives the answer as it arrives, in the house's own errors."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self
from weakref import WeakSet

import aiohttp
from yarl import URL

from modelhall.domain.errors import (
    AddressNotAllowed,
    DeadlineExceeded,
    ProviderBroke,
    ProviderCut,
    ProviderHungUp,
    ProviderUnreachable,
)
from modelhall.gateway.connector import CheckedResolver, Guard

MOST_HEADER = 32 * 1024
DRAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the phases of a call may take, in seconds."""

    connect: float = 10.0
    first_byte: float = 120.0
    idle: float = 60.0
    total: float = 900.0


@dataclass(slots=True)
class Answer:
    """What a provider answered: its head now, its body as it arrives."""

    status: int
    headers: Mapping[str, str]
    _response: aiohttp.ClientResponse
    _idle: float
    _first_until: float | None
    """When the first piece of the body must be here, on the loop's clock; `None` once it is."""

    def refuse_coding(self) -> None:
        """Raises ProviderBroke when the body is compressed, which nobody asked for."""
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if coding != "identity":
            raise ProviderBroke(f"the provider's answer is compressed ({coding[:40]}), which nobody asked for")

    async def read(self) -> bytes:
        """What has arrived of the body since the last time; empty at its end. Raises ProviderCut, DeadlineExceeded."""
        with _translated(ProviderCut, "the provider's answer stopped in the middle"):
            until = self._first_until or asyncio.get_running_loop().time() + self._idle
            async with asyncio.timeout_at(until):
                data = await self._response.content.readany()
            self._first_until = None
            return data

    async def drain(self) -> None:
        """Reads to the end of an answer whose dialect has ended, so that its connection can be used again.

        Not for long.
        """
        with suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(DRAIN_S):
                while await self._response.content.readany():
                    pass

    async def whole(self, most: int) -> bytes:
        """The whole body.

        Raises ProviderCut, DeadlineExceeded, and ProviderBroke when it is larger than `most` bytes.
        """
        parts: list[bytes] = []
        size = 0
        while chunk := await self.read():
            size += len(chunk)
            if size > most:
                raise ProviderBroke(f"the provider's answer is larger than {most:,} bytes")
            parts.append(chunk)
        return b"".join(parts)

    def closed(self, _: object) -> None:
        """The connection has ended. aiohttp 3.14 tells that to no reader once a chunk was malformed."""
        body = self._response.content
        if not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError("the connection has ended"))


class Upstream:
    """Connections to providers, kept alive between calls; private addresses only for those that may."""

    def __init__(self, public: "_Way", private: "_Way") -> None:
        self._ways = {False: public, True: private}

    @classmethod
    @asynccontextmanager
    async def open(cls, *, ca_file: str | None = None) -> AsyncGenerator[Self]:
        """Opens the pools for as long as the context lasts."""
        trust = ssl.create_default_context()
        if ca_file:
            trust.load_verify_locations(ca_file)
        public, private = _Pool(trust, private_allowed=False), _Pool(trust, private_allowed=True)
        async with _session(public) as to_public, _session(private) as to_private:
            yield cls((to_public, public), (to_private, private))

    @asynccontextmanager
    async def send(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadlines: Deadlines,
        *,
        private_allowed: bool,
    ) -> AsyncGenerator[Answer]:
        """Sends a request (POST with a body, GET without) and gives the answer's head; to leave early is to hang up.

        Raises ProviderUnreachable (never connected), ProviderHungUp, ProviderBroke, DeadlineExceeded,
        AddressNotAllowed.
        """
        target = URL(url, encoded=True)
        if target.scheme not in {"http", "https"}:
            raise ProviderUnreachable("the profile's base URL is neither http:// nor https://")
        session, pool = self._ways[private_allowed]
        # `connect` covers the look-up too. Silence is measured in `Answer`: aiohttp's own clock for it does not know
        # that a first byte may take longer than the next one.
        timeout = aiohttp.ClientTimeout(total=deadlines.total, connect=deadlines.connect)
        until = asyncio.get_running_loop().time() + deadlines.first_byte
        with _translated(ProviderHungUp, "the provider closed the connection without an answer", pool.kept):
            async with asyncio.timeout_at(until):
                response = await session.request(
                    "GET" if body is None else "POST",
                    target,
                    headers=headers,
                    data=body,
                    timeout=timeout,
                    allow_redirects=False,
                )
        try:
            answer = Answer(response.status, response.headers, response, deadlines.idle, until)
            with _watched(response, answer.closed):
                yield answer
        finally:
            response.close() if not response.content.at_eof() else response.release()


class _Pool(aiohttp.TCPConnector):
    """Connections that are kept for the next call."""

    def __init__(self, trust: ssl.SSLContext, *, private_allowed: bool) -> None:
        guard = Guard(private_allowed=private_allowed)
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - one of its parameters is not fully annotated
            resolver=CheckedResolver(guard),
            socket_factory=guard.new_socket,
            use_dns_cache=False,
            ssl=trust,
            limit=0,
            keepalive_timeout=55,
        )
        self.kept: ContextVar[bool] = ContextVar("kept", default=False)
        """Whether the connection of the request under way was used before."""
        self._used: WeakSet[object] = WeakSet()
        self._guard = guard

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Any], timeout: aiohttp.ClientTimeout
    ) -> aiohttp.connector.Connection:
        connection = await super().connect(req, traces, timeout)
        protocol = connection.protocol
        self.kept.set(protocol in self._used)
        if protocol is not None and protocol not in self._used:
            self._check_peer(req, connection)
            self._used.add(protocol)
            if protocol.closed is not None:
                protocol.closed.add_done_callback(_noted)
        return connection

    def _check_peer(self, req: aiohttp.ClientRequest, connection: aiohttp.connector.Connection) -> None:
        """Who is at the other end of a new connection is checked too, before a byte of the request goes out."""
        peer = None if connection.transport is None else connection.transport.get_extra_info("peername")
        if not peer:
            return  # it has ended already, which the request will find out
        try:
            self._guard.check_place(str(req.url.raw_host), str(peer[0]))
        except AddressNotAllowed:
            connection.close()
            raise


def _noted(end: "asyncio.Future[None]") -> None:
    """A connection has ended. Asking how spares the log a line, because whoever reads from it is told anyway."""
    if not end.cancelled():
        end.exception()


_Way = tuple[aiohttp.ClientSession, _Pool]


def _session(pool: _Pool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=pool,
        trust_env=False,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=MOST_HEADER,
        max_field_size=MOST_HEADER,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )


@contextmanager
def _watched(response: aiohttp.ClientResponse, closed: Callable[[object], None]) -> Generator[None]:
    """Has `closed` called when the connection ends before the answer does."""
    protocol = response.connection.protocol if response.connection is not None else None
    end = protocol.closed if protocol is not None else None
    if end is None:
        yield
        return
    end.add_done_callback(closed)
    try:
        yield
    finally:
        end.remove_done_callback(closed)


class _translated:
    """Foreign failures become the house's own at this seam."""

    def __init__(
        self, broken: type[ProviderHungUp] | type[ProviderCut], words: str, kept: ContextVar[bool] | None = None
    ) -> None:
        self._broken = broken
        self._words = words
        self._kept = kept

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            raise ProviderUnreachable("no connection to the provider within the connect deadline") from error
        if isinstance(error, TimeoutError):
            raise DeadlineExceeded("the provider stayed silent beyond its deadline") from error
        if isinstance(error, aiohttp.InvalidURL):
            raise ProviderUnreachable("the profile's base URL is no address that can be called") from error
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError):
            raise ProviderUnreachable(f"no connection to the provider: {_cause(error)}") from error
        if isinstance(error, aiohttp.ClientResponseError):
            raise ProviderBroke("the provider's answer is no HTTP") from error
        if isinstance(error, aiohttp.ClientError | ConnectionError):
            kept = self._kept is not None and self._kept.get()
            raise self._broken(self._words, details={"kept": kept}) from error


def _cause(error: Exception) -> str:
    """The cause in a few words, without the address it happened at."""
    inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    return str(getattr(inner, "strerror", None) or inner or type(error).__name__)
