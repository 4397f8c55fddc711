"""A provider on raw sockets that breaks in every way: each request names the script that answers it."""

import asyncio
import json
import re
import socket
import struct
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace

from modelhall.storage.profiles import get_profile, update_profile
from tests.gateway.hall import Hall

PIECES = 60
"""In how many pieces each answer comes, streamed or whole."""
NAMED = re.compile(rb"script (\S+?)[\"\s.]")
LINGER_0 = struct.pack("ii", 1, 0)
EVENTS, JSON = "text/event-stream", "application/json"

Script = Callable[["Wire"], Awaitable[None]]


@dataclass(slots=True)
class Wire:
    """One request, and the connection that its answer goes out on."""

    path: str
    raw: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    left: float | None = None
    """When the other side was seen to go, on the monotonic clock."""
    written: int = 0
    chunked: bool = False
    over: bool = False
    """Whether the script has ended the connection."""

    @property
    def anthropic(self) -> bool:
        return self.path.endswith("/messages")

    @property
    def streamed(self) -> bool:
        return bool(json.loads(self.raw).get("stream"))

    @property
    def model(self) -> str:
        return str(json.loads(self.raw)["model"])

    async def raw_bytes(self, data: bytes) -> None:
        """Bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()
        self.written += len(data)

    async def head(self, *more: str, framing: str = "chunked", kind: str = "", status: int = 200) -> None:
        """The head of an answer. `framing`: `chunked`, `close` (to the end of the connection) or a length."""
        self.chunked = framing == "chunked"
        lines = [f"HTTP/1.1 {status} Whatever", f"content-type: {kind or (EVENTS if self.streamed else JSON)}", *more]
        if self.chunked:
            lines.append("transfer-encoding: chunked")
        else:
            lines.append("connection: close" if framing == "close" else f"content-length: {framing}")
        await self.raw_bytes("\r\n".join([*lines, "", ""]).encode())

    async def piece(self, data: bytes) -> None:
        """A piece of the body, in the head's framing."""
        if data:
            await self.raw_bytes(b"%x\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    async def end(self) -> None:
        """The body's end in peace, where the framing has one."""
        if self.chunked:
            await self.raw_bytes(b"0\r\n\r\n")

    def fin(self) -> None:
        """Closes the connection."""
        self.over = True
        self.writer.close()

    def rst(self) -> None:
        """Resets the connection."""
        self.over = True
        reset(self.writer)

    async def silence(self) -> None:
        """Says nothing until the other side has gone."""
        while self.left is None:
            await asyncio.sleep(0.01)


@dataclass(slots=True)
class Faulty:
    """The provider: its scripts by name, and every request that came."""

    scripts: dict[str, Script] = field(default_factory=dict[str, Script])
    wires: list[Wire] = field(default_factory=list[Wire])
    address: str = ""

    def wires_of(self, name: str) -> list[Wire]:
        """The requests that named this script."""
        return [wire for wire in self.wires if _name_in(wire.raw) == name]

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until a script ends it or the other side goes."""
        try:
            while (wire := await _request(reader, writer)) is not None:
                self.wires.append(wire)
                await self._answer(wire)
                if wire.over or wire.left is not None:
                    break
        finally:
            writer.close()

    async def _answer(self, wire: Wire) -> None:
        watch = asyncio.create_task(_watch(wire))
        try:
            await self.scripts.get(_name_in(wire.raw), answered_well)(wire)
        except ConnectionError:
            wire.left = wire.left or time.monotonic()
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Wire | None:
    """One request; `None` when there is no further one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1])) if length else b""
    return Wire(head.split(b" ", 2)[1].decode(), body, reader, writer)


async def _watch(wire: Wire) -> None:
    with suppress(ConnectionError):
        await wire.reader.read(1)
    wire.left = time.monotonic()


def _name_in(raw: bytes) -> str:
    found = NAMED.search(raw)
    return found[1].decode() if found else ""


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection by RST, whatever is still unread or unsent."""
    sock = writer.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
    writer.transport.abort()


@asynccontextmanager
async def faulty() -> AsyncGenerator[Faulty]:
    """The provider on a free port of loopback."""
    provider, tasks = Faulty(), set[asyncio.Task[None]]()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(provider.connected(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**26)
    provider.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield provider
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # a transport closes its socket one step after it was told to


@contextmanager
def nobody_accepts() -> Iterator[str]:
    """An address that takes no connection: its queue is full, so that the kernel does not even refuse."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listener,
        socket.socket() as first,
        socket.socket() as more,
    ):
        for each in (first, more):
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@asynccontextmanager
async def faulty_behind(hall: Hall) -> AsyncGenerator[Faulty]:
    """The provider in the place of the hall's own, behind all its profiles."""
    async with faulty() as provider:
        await lead_to(hall, provider.address)
        yield provider


async def lead_to(hall: Hall, address: str, *slugs: str) -> None:
    """Has these profiles of the hall, or all of them, call another address."""
    async with hall.database.change(hall.actor) as change:
        for slug in slugs or tuple(hall.profiles):
            profile = await get_profile(change.connection, hall.profiles[slug])
            assert profile is not None
            await update_profile(change.connection, replace(profile, base_url=address))
            await change.audit("profile.edit", "profile", profile.id, slug)


def words(mark: str) -> list[str]:
    """The words of a stream's answer: each carries the mark of who said it."""
    return [f"{mark}{number} " for number in range(PIECES - 6)]


def pieces(wire: Wire, mark: str) -> list[bytes]:
    """An answer in 60 pieces, in the shape that the request asks for."""
    if not wire.streamed:
        whole = json.dumps(message(mark) if wire.anthropic else completion(mark)).encode()
        return [whole[len(whole) * n // PIECES : len(whole) * (n + 1) // PIECES] for n in range(PIECES)]
    return anthropic_stream(mark) if wire.anthropic else openai_stream(mark)


def completion(mark: str) -> dict[str, object]:
    said = {"role": "assistant", "content": "".join(words(mark))}
    choice = {"index": 0, "message": said, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 54, "total_tokens": 64}
    return {"id": "c", "object": "chat.completion", "model": "small", "choices": [choice], "usage": usage}


def message(mark: str, **more: object) -> dict[str, object]:
    made = {"id": "m", "type": "message", "role": "assistant", "model": "small"}
    content = [{"type": "text", "text": "".join(words(mark))}]
    usage = {"input_tokens": 10, "output_tokens": 54}
    return {**made, "content": content, "stop_reason": "end_turn", "stop_sequence": None, "usage": usage} | more


def openai_stream(mark: str) -> list[bytes]:
    said = words(mark)
    contents = [chunk({"content": word}) for word in [*said, " ", " "]]
    usage = {"prompt_tokens": 10, "completion_tokens": 54, "total_tokens": 64}
    last = b"data: " + json.dumps({"id": "c", "choices": [], "usage": usage}).encode() + b"\n\n"
    return [chunk({"role": "assistant", "content": ""}), *contents, chunk({}, "stop"), last, b"data: [DONE]\n\n"]


def chunk(delta: object, finish: object = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    told = {"id": "c", "object": "chat.completion.chunk", "choices": [choice]} | more
    return b"data: " + json.dumps(told).encode() + b"\n\n"


def anthropic_stream(mark: str) -> list[bytes]:
    begun = message(mark, content=[], stop_reason=None, usage={"input_tokens": 10, "output_tokens": 1})
    return [
        told("message_start", message=begun),
        told("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        *[text_delta(word) for word in words(mark)],
        told("ping"),
        told("content_block_stop", index=0),
        told("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 54}),
        told("message_stop"),
    ]


def text_delta(text: str) -> bytes:
    return told("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def told(kind: str, **more: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()


async def answered_well(wire: Wire) -> None:
    """A whole answer or a whole stream; its mark is the model's name."""
    await wire.head()
    for each in pieces(wire, wire.model):
        await wire.piece(each)
    await wire.end()


def cut(after: int, how: str, mark: str, half: bool = False) -> Script:
    """An answer that is cut after so many of its 60 pieces, and half of the next one.

    `how`: `FIN` or `RST`, the `length` not reached, or the `terminator` of the chunks missing.
    """

    async def script(wire: Wire) -> None:
        answer = pieces(wire, mark)
        sent = [*answer[:after], *[each[: len(each) // 2] for each in answer[after : after + 1] if half]]
        length = str(sum(map(len, answer)) + 2)
        await wire.head(framing={"FIN": "close", "length": length}.get(how, "chunked"))
        await sent_in_pieces(wire, sent)
        if how == "RST":
            await asyncio.sleep(0.05)  # what has arrived but was not read yet is lost with a reset
            wire.rst()
        else:
            wire.fin()

    return script


async def sent_in_pieces(wire: Wire, sent: Sequence[bytes]) -> None:
    """The pieces, each in a packet of its own as far as that can be had."""
    for each in sent:
        await wire.piece(each)
        await asyncio.sleep(0)
