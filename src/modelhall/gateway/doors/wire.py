"""A call on the fast lane: read from its connection and answered to it, with nothing in between."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping
from http import HTTPStatus
from typing import Protocol

from modelhall.domain.errors import ModelhallError, NotReady, OwnTrouble
from modelhall.gateway.call import Reply
from modelhall.gateway.desk import Bounds
from modelhall.gateway.doors.exchange import COMMENT, ClientGone, Headers, too_large, too_slow
from modelhall.gateway.doors.plain import PlainHead
from modelhall.gateway.outbox import Outbox

log = logging.getLogger(__name__)

STATUS_LINES = {each.value: b"HTTP/1.1 %d %b\r\n" % (each.value, each.phrase.encode()) for each in HTTPStatus}
_CHUNKED = b"\r\ntransfer-encoding: chunked\r\n\r\n"
_LAST = b"0\r\n\r\n"
_BIG = 64 * 1024
_CLOSE = (b"connection", b"close")
_CONTROL = bytes(byte for byte in (*range(32), 127) if byte != ord("\t"))


class Flow(Protocol):
    """Whether the connection takes more bytes now."""

    @property
    def write_paused(self) -> bool:
        """Whether it does not."""
        ...

    async def drain(self) -> None:
        """Returns when it does."""
        ...


class Line(Protocol):
    """What a call needs of its connection."""

    transport: asyncio.Transport
    tasks: set[asyncio.Task[None]]

    @property
    def outbox(self) -> Outbox:
        """For what need not be written before the turn of the loop is over."""
        ...

    @property
    def flow(self) -> Flow:
        """Whether it takes more bytes now."""
        ...

    @property
    def date_line(self) -> bytes:
        """What every head says first: headers with their line ends."""
        ...

    def on_response_complete(self) -> None:
        """The answer has been written."""
        ...

    def refuse(self, error: ModelhallError, *, linger: bool = True) -> None:
        """Answers, if nothing of another answer is on its way, and closes."""
        ...


class _Unheard:
    """In place of the event by which uvicorn wakes a call: one on the lane waits for its task's cancellation only."""

    def set(self) -> None:
        """Nobody waits."""


class WireExchange:
    """A call on the lane. For its connection it is what uvicorn's cycle is: the request under way."""

    __slots__ = (
        "_began", "_body_seconds", "_chunk_sent", "_flow", "_head", "_length", "_line", "_missing", "_parts",
        "_silence_s", "_silent_since", "_task", "_unsent", "_waiting", "_write", "disconnected", "gone", "keep_alive",
        "response_complete", "response_started", "waiting_for_100_continue",
    )  # fmt: skip
    message_event = _Unheard()

    def __init__(self, line: Line, head: PlainHead, now: float) -> None:
        self.gone = self.disconnected = self.response_started = self.response_complete = False
        self.keep_alive = True
        self._line = line
        self._head = head
        self._flow = line.flow
        self._write = line.transport.write
        self._length = self._missing = head.length
        self._parts: list[bytes] = []
        self._waiting: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._began = now
        self._body_seconds = 0.0
        self._silence_s: float | None = None
        self._silent_since = now
        self._chunk_sent = False
        self._unsent = b""
        """The head of a stream, until its first chunk is there, or the next look at the clock."""

    # What the connection says

    def run_in(self, task: asyncio.Task[None]) -> None:
        """The task that serves it: it is cancelled when the client goes."""
        self._task = task
        task.add_done_callback(self._ended)

    def feed(self, data: bytes) -> bytes:
        """Takes what belongs to the body, and gives what is left."""
        rest = b""
        if len(data) > self._missing:
            data, rest = data[: self._missing], data[self._missing :]
        self._missing -= len(data)
        if not self.response_complete:
            self._parts.append(data)
            if self._waiting is not None and not self._missing:
                self._go_on()
        return rest

    @property
    def missing(self) -> int:
        """Bytes of the body that have not arrived."""
        return self._missing

    def leave(self) -> None:
        """The client is gone: ends the call, in whatever it is waiting for."""
        if not self.response_complete and self._task is not None:
            self.gone = True
            self._task.cancel()

    def look(self, now: float, look_seconds: float) -> None:
        """Looks at what takes time: the body, and silence in a stream. Called about once in `look_seconds`."""
        if self._waiting is not None and now - self._began + look_seconds > self._body_seconds:
            self._go_on()
        if self._silence_s is None or self.response_complete or self.gone:
            return
        if self._unsent:
            self._write(self._unsent)
            self._unsent = b""
        if self._chunk_sent:
            self._chunk_sent, self._silent_since = False, now
        elif now - self._silent_since + look_seconds > self._silence_s and not self._flow.write_paused:
            self._write(b"%x\r\n%b\r\n" % (len(COMMENT), COMMENT))
            self._silent_since = now

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        self._line.tasks.discard(task)
        stopped = task.cancelled()
        fault = None if stopped else task.exception()
        if fault is not None:
            log.error("a fault of the house", exc_info=fault)
        if not self.response_complete and not self.gone:  # what has no end must not look as if it had one
            error = (
                NotReady("the server is stopping", retry_after_s=2)
                if stopped
                else OwnTrouble("the house made a mistake")
            )
            self._line.refuse(error, linger=False)

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    # What the door says

    def key(self) -> str | None:
        """The key that the request carries. Raises TwoKeys, BadRequest."""
        return self._head.key()

    def handed_on(self, names: Collection[bytes]) -> Mapping[str, str]:
        """Its headers of these names."""
        return self._head.handed_on(names)

    async def body(self, bounds: Bounds) -> bytes:
        """The whole body. Raises TooLarge, TooSlow."""
        if self._length > bounds.body_bytes:
            raise too_large(bounds)
        if self._missing:
            self._body_seconds = bounds.body_seconds
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
            if self._missing:
                raise too_slow()
        parts, self._parts = self._parts, []
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole answer, in one write unless it is big."""
        if status >= 400 and _CLOSE in headers:
            self.keep_alive = False
            headers.remove(_CLOSE)
        head = self._begin(status, headers, b"\r\ncontent-length: %d\r\n\r\n" % len(body))
        if self._flow.write_paused:
            await self._flow.drain()
        if len(body) < _BIG:
            self._send(head + body)
        else:  # copying it would cost more than a second write
            self._line.outbox.flush()
            self._write(head)
            self._write(body)
        self._complete()

    async def stream(self, reply: Reply, rest: AsyncIterator[bytes], headers: Headers, silence_s: float) -> None:
        """An answer in chunks: its opening and its rest, each sent at once; a comment fills each silence that long."""
        self._unsent, self._silence_s = self._begin(reply.status, headers, _CHUNKED), silence_s
        if self._flow.write_paused:
            await self._flow.drain()
        self._chunk(reply.opening, b"")
        async for chunk in rest:
            if self.response_complete:
                continue  # what it does after its end is no longer the client's
            if self._flow.write_paused:
                await self._flow.drain()
            self._chunk(chunk, _LAST if reply.ended else b"")
            if reply.ended:
                self._complete()
        if not self.response_complete:
            self._send(self._unsent + _LAST)
            self._complete()

    def _chunk(self, chunk: bytes, end: bytes) -> None:
        """Sends a piece, with the head if it is the first, and the end if it is the last."""
        if chunk:  # an empty one would be the end
            unsent, self._unsent, self._chunk_sent = self._unsent, b"", True
            self._send(b"%b%x\r\n%b\r\n%b" % (unsent, len(chunk), chunk, end))
        elif end:
            self._send(self._unsent + end)

    def end(self) -> None:
        """Nothing matters any more."""

    def _send(self, data: bytes) -> None:
        """Writes it before the turn of the loop is over; at once where the connection is to be closed behind it."""
        if self.keep_alive:
            self._line.outbox.put(self._line.transport, data)
        else:
            self._line.outbox.flush()
            self._write(data)

    def _begin(self, status: int, headers: Headers, framing: bytes) -> bytes:
        if self.gone:
            raise ClientGone
        if self.response_started:
            raise RuntimeError("another answer has begun already")
        lines = b"\r\n".join(map(b": ".join, headers))
        # Without these bytes it is shorter by the line ends between the headers, or one of them is inside a header.
        if len(lines.translate(None, _CONTROL)) != len(lines) - 2 * (len(headers) - 1):
            raise ValueError("a header of the answer has a control character")
        self.response_started = True
        if not self.keep_alive:
            framing = b"\r\nconnection: close" + framing
        return STATUS_LINES[status] + self._line.date_line + lines + framing

    def _complete(self) -> None:
        self.response_complete = True
        self._parts.clear()
        if not self.keep_alive:
            self._line.transport.close()
        self._line.on_response_complete()
