"""A provider that is scripted byte by byte, and ways to call it."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from modelhall.gateway.outgoing import Request, request_to
from modelhall.gateway.upstream import Deadlines, Upstream

QUICK = Deadlines(connect=2, first_byte=2, idle=2, total=5)
TURN_S = 0.002
"""Long enough for what was written to be read at the other end."""
HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(slots=True)
class Visit:
    """One connection as the provider sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> tuple[bytes, bytes]:
        """The next request: head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
        return head, await self.reader.readexactly(length)

    async def send(self, *pieces: bytes) -> None:
        """Sends these, so that each arrives by itself."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(TURN_S)

    def reset(self) -> None:
        """Ends the connection by RST."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Returns when the client has hung up."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass


Script = Callable[[Visit], Awaitable[object]]


@dataclass(slots=True)
class Provider:
    """What the script was run for."""

    url: str
    requests: list[bytes] = field(default_factory=list[bytes])
    visits: int = 0
    left: int = 0
    """How many connections have ended."""


@asynccontextmanager
async def raw(
    script: Script, *, host: str = "127.0.0.1", trust: ssl.SSLContext | None = None, named: str = ""
) -> AsyncGenerator[Provider]:
    """Runs the script for every connection; what it leaves open is closed."""
    provider = Provider("")
    running: set[asyncio.Task[object] | None] = set()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        provider.visits += 1
        running.add(asyncio.current_task())
        try:
            await script(Visit(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            provider.left += 1
            running.discard(asyncio.current_task())
            writer.close()

    server = await asyncio.start_server(visit, host, 0, ssl=trust)
    place = named or (f"[{host}]" if ":" in host else host)
    provider.url = f"{'https' if trust else 'http'}://{place}:{server.sockets[0].getsockname()[1]}/v1/x"
    try:
        yield provider
    finally:
        for task in [each for each in running if each is not None]:
            task.cancel()
        server.close()
        await asyncio.sleep(TURN_S)


def answering(*replies: bytes) -> Script:
    """For each request of a connection the next of these replies, the last again and again."""

    async def script(visit: Visit) -> None:
        left = list(replies)
        while True:
            await visit.request()
            await visit.send(left.pop(0) if len(left) > 1 else left[0])

    return script


def once(*pieces: bytes, reset: bool = False) -> Script:
    """One reply in these pieces, and then the end."""

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(*pieces)
        if reset:
            visit.reset()

    return script


def asking(provider: Provider, body: bytes | None = b"{}") -> Request:
    """A request to that provider."""
    return request_to(provider.url, {"content-type": "application/json"}, body, private_allowed=True)


async def called(upstream: Upstream, provider: Provider, body: bytes | None = b"{}") -> tuple[int, bytes]:
    """Status and body of one call."""
    async with upstream.send(asking(provider, body), QUICK) as answer:
        return answer.status, await answer.whole(2**26)


async def until(true: Callable[[], bool]) -> None:
    """Returns when it is true, soon."""
    async with asyncio.timeout(3):
        while not true():
            await asyncio.sleep(0.002)
