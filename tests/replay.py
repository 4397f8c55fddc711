"""A small real HTTP server on loopback that plays recorded replies and keeps what it was sent; nothing is patched.

    async with Replay("groq/chat_stream") as upstream:
        ...call upstream.origin + "/openai/v1/chat/completions"...
    assert upstream.sent[0].json["model"] == "llama-3.3-70b-versatile"

Each request gets the next reply; the last one is repeated. A `Manner` says in which pieces a reply comes, how slowly,
and where and how it is cut.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

FOLDER = Path(__file__).parent / "cassettes"
Cut = Literal["fin", "rst", "no_terminator"]


@dataclass(frozen=True, slots=True)
class Cassette:
    """One recorded reply, and what its head says of it."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    head: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers of the reply, such as `retry-after`."""

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """The cassette of a path, or of a name such as `groq/chat_stream`."""
        path = name if isinstance(name, Path) else next(FOLDER.glob(f"{name}.*"))
        first, _, body = path.read_bytes().partition(b"# ---\n")
        lines = [line.removeprefix("# ").partition(": ") for line in first.decode().splitlines()]
        head = {key: value for key, _, value in lines}
        return cls(body, int(head.get("status", "200")), head.get("content-type", "application/json"), head)

    @property
    def streamed(self) -> bool:
        """Whether the reply is an event stream."""
        return self.content_type == "text/event-stream"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reply is given."""

    piece_bytes: int | None = None
    """Size of each piece; `None` = an event a piece, a whole answer in one."""
    pause_s: float = 0.0
    """Before each piece but the first."""
    delay_s: float = 0.0
    """Before the head."""
    cut_after: int | None = None
    """Pieces after which the connection ends; `None` = after all of them, in peace."""
    cut: Cut = "fin"
    """FIN in the middle, RST, or all pieces but no end of the body."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Replay:
    """The server; use it as an async context manager."""

    def __init__(self, *replies: str | Cassette, manner: Manner | None = None, manners: Sequence[Manner] = ()) -> None:
        self.replies = [reply if isinstance(reply, Cassette) else Cassette.load(reply) for reply in replies]
        self.sent: list[Sent] = []
        self.left: list[float] = []
        """Times (`time.monotonic`) at which a client was seen to have gone before the reply's end."""
        self.pieces_sent = 0
        self._manners = list(manners) or [manner or Manner()]
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def origin(self) -> str:
        """Scheme, address and port."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Takes one request and answers it; whether the connection lives on."""
        self.sent.append(await _request(reader))
        number = len(self.sent) - 1
        reply = self.replies[min(number, len(self.replies) - 1)]
        manner = self._manners[min(number, len(self._manners) - 1)]
        watch = asyncio.ensure_future(_gone(reader))
        play = asyncio.ensure_future(self._play(reply, manner, writer))
        try:
            await asyncio.wait({watch, play}, return_when=asyncio.FIRST_COMPLETED)
            if not play.done():
                self.left.append(time.monotonic())
                return False
            return await play
        finally:
            for each in (watch, play):
                each.cancel()
            await asyncio.gather(watch, play, return_exceptions=True)

    async def _play(self, reply: Cassette, manner: Manner, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(manner.delay_s)
        writer.write(_head(reply))
        for number, piece in enumerate(_pieces(reply, manner)):
            if manner.cut_after is not None and number >= manner.cut_after:
                return await _end(writer, manner)
            if number:
                await asyncio.sleep(manner.pause_s)
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if reply.streamed else piece)
            await writer.drain()
            self.pieces_sent += 1
        if manner.cut == "no_terminator":
            return await _end(writer, manner)
        if reply.streamed:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _gone(reader: asyncio.StreamReader) -> None:
    """Returns when the client has closed; reads nothing, since the next request may be there already."""
    while not reader.at_eof() and reader.exception() is None:
        await asyncio.sleep(0.002)


async def _request(reader: asyncio.StreamReader) -> Sent:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    pairs = (line.partition(":") for line in lines[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Sent(method, path, headers, await _chunked(reader))
    return Sent(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


def _head(reply: Cassette) -> bytes:
    length = "transfer-encoding: chunked" if reply.streamed else f"content-length: {len(reply.body)}"
    further = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
    return (
        f"HTTP/1.1 {reply.status} Replayed\r\ncontent-type: {reply.content_type}\r\n{length}\r\n{further}\r\n"
    ).encode()


def _pieces(reply: Cassette, manner: Manner) -> Iterator[bytes]:
    if manner.piece_bytes is not None:
        for at in range(0, len(reply.body), manner.piece_bytes):
            yield reply.body[at : at + manner.piece_bytes]
    elif reply.streamed:
        yield from (event + b"\n\n" for event in reply.body.split(b"\n\n") if event)
    else:
        yield reply.body


async def _end(writer: asyncio.StreamWriter, manner: Manner) -> bool:
    """Ends the connection as the manner says; it never lives on."""
    if manner.cut == "rst":
        # A linger time of zero makes the kernel send RST in place of FIN.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return False
    await writer.drain()
    return False
