"""The one way out to providers: sends a prepared request, gives the answer as it arrives, in the house's own errors."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

import aiohttp
from yarl import URL

from modelhall.domain.errors import DeadlineExceeded, ProviderBroke, ProviderCut, ProviderHungUp, ProviderUnreachable
from modelhall.gateway.connector import CheckedResolver

MOST_HEADER = 32 * 1024
DRAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the phases of a call may take, in seconds."""

    connect: float = 10.0
    first_byte: float = 120.0
    idle: float = 60.0
    total: float = 900.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered: its head now, its body as it arrives."""

    status: int
    headers: Mapping[str, str]
    _response: aiohttp.ClientResponse

    async def read(self) -> bytes:
        """What has arrived of the body since the last time; empty at its end. Raises ProviderCut, DeadlineExceeded."""
        with _translated(ProviderCut, "the provider's answer stopped in the middle"):
            return await self._response.content.readany()

    async def drain(self) -> None:
        """Reads to the end of an answer whose dialect has ended, so that its connection can be used again.

        Not for long.
        """
        with suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(DRAIN_S):
                await self._response.content.read()

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


class Upstream:
    """Connections to providers, kept alive between calls; private addresses only for those that may."""

    def __init__(self, public: aiohttp.ClientSession, private: aiohttp.ClientSession) -> None:
        self._sessions = {False: public, True: private}
        self._checks = {allowed: CheckedResolver(private_allowed=allowed) for allowed in (False, True)}

    @classmethod
    @asynccontextmanager
    async def open(cls, *, ca_file: str | None = None) -> AsyncGenerator[Self]:
        """Opens the pools for as long as the context lasts."""
        trust = ssl.create_default_context(cafile=ca_file) if ca_file else ssl.create_default_context()
        async with _session(trust, private_allowed=False) as public, _session(trust, private_allowed=True) as private:
            yield cls(public, private)

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
        self._check_literal(target, private_allowed)
        session = self._sessions[private_allowed]
        timeout = aiohttp.ClientTimeout(total=deadlines.total, sock_connect=deadlines.connect, sock_read=deadlines.idle)
        with _translated(ProviderHungUp, "the provider closed the connection without an answer"):
            async with asyncio.timeout(deadlines.first_byte):
                response = await session.request(
                    "GET" if body is None else "POST",
                    target,
                    headers=headers,
                    data=body,
                    timeout=timeout,
                    allow_redirects=False,
                )
        try:
            yield Answer(response.status, response.headers, response)
        finally:
            response.close() if not response.content.at_eof() else response.release()

    def _check_literal(self, url: URL, private_allowed: bool) -> None:
        """A host that is an address never reaches the resolver, so it is checked here."""
        try:
            address = ip_address((url.host or "").partition("%")[0])
        except ValueError:
            return
        self._checks[private_allowed].check(str(address), address)


def _session(trust: ssl.SSLContext, *, private_allowed: bool) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(private_allowed=private_allowed),
        use_dns_cache=False,
        ssl=trust,
        limit=0,
        keepalive_timeout=55,
    )
    return aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=MOST_HEADER,
        max_field_size=MOST_HEADER,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )


class _translated:
    """Foreign failures become the house's own at this seam."""

    def __init__(self, broken: type[ProviderHungUp] | type[ProviderCut], words: str) -> None:
        self._broken = broken
        self._words = words

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
        if isinstance(error, aiohttp.ClientError | ConnectionError):
            raise self._broken(self._words) from error


def _cause(error: Exception) -> str:
    """The cause in a few words, without the address it happened at."""
    inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    return str(getattr(inner, "strerror", None) or inner or type(error).__name__)
