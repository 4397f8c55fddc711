"""Raw connections to a server, and a crowd of slow ones in a process of its own."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

HEAD = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 9000\r\n\r\n"
IDLE = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"


@asynccontextmanager
async def connected(address: str) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is broken off at the end."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the other side closes."""
    got = bytearray()
    try:
        while piece := await reader.read(65536):
            got += piece
    except ConnectionError:
        pass
    return bytes(got)


def crowd(address: str, key: str, count: int) -> tuple[float, float, float, float]:
    """So many connections with one byte a second of a head, of a body, or silent from the start or after an answer.

    Gives for each of these kinds how many seconds the longest lasted until the server closed it.
    """

    async def all_of_them() -> list[float]:
        return await asyncio.gather(*(_slow(address, key, number) for number in range(count)))

    lasted = asyncio.run(all_of_them())
    return max(lasted[0::4]), max(lasted[1::4]), max(lasted[2::4]), max(lasted[3::4])


async def _slow(address: str, key: str, number: int) -> float:
    kinds = ((b"POST / HTTP/1.1\r\n", b"a"), (HEAD.format(key).encode(), b" "), (b"", b""), (IDLE, b""))
    first, drip = kinds[number % 4]
    await asyncio.sleep(number / 1000)
    async with connected(address) as (reader, writer):
        began = time.monotonic()
        writer.write(first)
        rest = asyncio.create_task(rest_of(reader))
        while not rest.done() and time.monotonic() - began < 100:
            writer.write(drip)
            await asyncio.wait([rest], timeout=1)
        rest.cancel()
        return time.monotonic() - began
