"""The provider that breaks, in a process of its own: making a flood must not slow what is measured beside it."""

import asyncio
import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.gateway.faulty import Script, Wire, answered_well, chunk, faulty, openai_stream

MB = 1024 * 1024
BEGUN = openai_stream("word")[:5]
TORRENT_MB = 50


def flood(*begun: bytes, piece: bytes, mb: float, after: bytes = b"", head: tuple[str, ...] = ()) -> Script:
    """An answer that goes on with so many megabytes of one piece again and again."""

    async def script(wire: Wire) -> None:
        await wire.head(*head)
        for each in begun:
            await wire.piece(each)
        block = piece * max(1, 65536 // len(piece))
        for _ in range(int(mb * MB / len(block))):
            await wire.piece(block)
            await asyncio.sleep(0)
        await wire.piece(after)
        await wire.end()

    return script


async def endless_head(wire: Wire) -> None:
    await wire.raw_bytes(b"HTTP/1.1 200 OK\r\nx: ")
    for _ in range(64 * 16):
        await wire.raw_bytes(b"x" * 65536)


async def torrent(wire: Wire) -> None:
    await wire.head()
    for each in BEGUN:
        await wire.piece(each)
    block = chunk({"content": "x" * 900}) * 64
    for _ in range(TORRENT_MB * MB // len(block)):
        await wire.piece(block)
    await wire.end()


def scripts(events: int, depth: int) -> Mapping[str, Script]:
    """The floods by name, with so many empty events and JSON of that depth."""
    bomb = gzip.compress(b"\0" * (64 * MB))
    empty_mb = events * len(b"data:\n\n") / MB
    return {
        "no-line-end": flood(piece=b"x" * 65536, mb=64),
        "no-line-end-in-the-middle": flood(*BEGUN, piece=b"x" * 65536, mb=64),
        "giant-event": flood(
            *BEGUN, b'data: {"choices":[{"delta":{"content":"', piece=b"x" * 65536, mb=64, after=b'"}}]}\n\n'
        ),
        "empty-events": flood(piece=b"data:\n\n", mb=empty_mb),
        "empty-events-in-the-middle": flood(*BEGUN, piece=b"data:\n\n", mb=empty_mb),
        "blank-lines": flood(*BEGUN, piece=b"\n", mb=empty_mb / 3),
        "comments": flood(*BEGUN, piece=b": so\n\n", mb=empty_mb / 3),
        "deep": flood(*BEGUN, b"data: " + b"[" * depth + b"]" * depth + b"\n\n", piece=b"\n\n", mb=0.1),
        "bomb": flood(bomb, piece=b"\0", mb=0.1, head=("content-encoding: gzip",)),
        "endless-head": endless_head,
        "torrent": torrent,
        "well": answered_well,
    }


@contextmanager
def flooding(events: int, depth: int) -> Iterator[str]:
    """The address of the provider, as long as the context lasts."""
    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_main, args=(theirs, events, depth), daemon=True)
    process.start()
    try:
        yield mine.recv()
    finally:
        mine.send("stop")
        process.join(10)
        process.kill()


def _main(pipe: Connection, events: int, depth: int) -> None:
    asyncio.run(_serve(pipe, events, depth))


async def _serve(pipe: Connection, events: int, depth: int) -> None:
    async with faulty() as provider:

        async def written(wire: Wire) -> None:
            """How much of each torrent has been sent, and how many of them were left."""
            torrents = provider.wires_of("torrent")
            sent = {
                "written": [each.written for each in torrents],
                "left": sum(each.left is not None for each in torrents),
            }
            raw = json.dumps(sent).encode()
            await wire.head(framing=str(len(raw)))
            await wire.raw_bytes(raw)

        provider.scripts |= {**scripts(events, depth), "written": written}
        pipe.send(provider.address)
        await asyncio.to_thread(pipe.recv)
