"""One connection to a provider: writes a request, takes the reply as it comes, and knows when it may be used again."""

import asyncio
import math
from collections.abc import Callable
from typing import cast

from modelhall.domain.errors import DeadlineExceeded, ModelhallError, ProviderBroke, ProviderCut, ProviderHungUp
from modelhall.gateway.outbox import Outbox
from modelhall.gateway.outgoing import Endpoint, Request
from modelhall.gateway.replies import Body, Head, head_end, read_head

MOST_WAITING = 32 * 1024
"""Bytes of a body that wait to be read before the connection is paused."""
MOST_TAKEN = 64 * 1024
"""Bytes of a body that are handed on in one go: whoever does not take them has no more than that of it in memory."""
MOST_AT_ONCE = 64 * 1024
"""Bytes of a request that are written in one go; more only as fast as the provider takes them."""
MOST_INTERIM = 8
"""Replies with a status below 200 before the real one."""


_ROOM = memoryview(bytearray(64 * 1024))
"""Where what arrives is put, for all connections: it is taken out in the moment it comes. Without it the loop hands
over pieces of a quarter megabyte, and each connection that nobody reads from holds one."""


class Wire(asyncio.BufferedProtocol):
    """One connection. Whoever waits for something on it waits on one future; errors are kept until they are asked for.

    `due` is when it is looked after, on the loop's clock: silence too long, or kept too long.
    """

    __slots__ = (
        "_body",
        "_full",
        "_heard",
        "_interim",
        "_loop",
        "_paused",
        "_start",
        "_told",
        "_transport",
        "_unsent",
        "_until",
        "_used",
        "_waiter",
        "_waiting",
        "due",
        "endpoint",
        "error",
        "head",
        "over",
        "pieces",
        "resting",
        "surplus",
    )

    def __init__(self, endpoint: Endpoint, loop: asyncio.AbstractEventLoop, told: Callable[["Wire"], None]) -> None:
        self.endpoint = endpoint
        self.due = math.inf
        self.error: ModelhallError | None = None
        self.head: Head | None = None
        self.over = True
        """The reply is whole; whatever comes now was not asked for."""
        self.surplus = False
        """More came than the reply."""
        self.pieces: list[bytes] = []
        """What has come of the body and was not read."""
        self.resting = True
        """Nobody uses it: it is kept, or waits for the end of a reply that nobody needs."""
        self._body: Body | None = None
        self._full = False
        self._heard = False
        self._interim = 0
        self._loop = loop
        self._paused = False
        self._start = bytearray()
        self._told = told
        self._transport: asyncio.Transport | None = None
        self._unsent = memoryview(b"")
        self._until = math.inf
        self._used = False
        self._waiter: asyncio.Future[None] | None = None
        self._waiting = 0

    # What its users do

    @property
    def lives(self) -> bool:
        """Whether the connection is there, as far as anybody knows."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def reusable(self) -> bool:
        """Whether the reply is whole, clean and promised to keep, and nothing of the request is left to be sent."""
        head, transport = self.head, self._transport
        return (
            self.over
            and not self.surplus
            and head is not None
            and head.keeps
            and transport is not None
            and not transport.is_closing()
            and not self._unsent
            and not transport.get_write_buffer_size()
        )

    def ask(self, request: Request, due: float, until: float, outbox: Outbox) -> None:
        """Writes a request; `due` is when the reply must have begun, `until` when all must be over."""
        self.head = self.error = self._body = None
        self.over = self.surplus = self.resting = self._heard = False
        self._interim = 0
        self._until = until
        self.due = due
        body, transport = request.body, self._transport
        if transport is None or transport.is_closing():
            self._ended(None)
        elif body is None or len(body) <= MOST_AT_ONCE:
            outbox.put(transport, request.head + body if body else request.head)
        else:
            transport.write(request.head)
            self._unsent = memoryview(body)
            self._push()

    async def opened(self) -> Head:
        """The reply's head. Raises ProviderHungUp, ProviderBroke, DeadlineExceeded."""
        while self.head is None:
            if self.error is not None:
                raise self.error
            self._waiter = self._loop.create_future()
            await self._waiter
        self.due = self._until
        return self.head

    def take(self) -> bytes:
        """What of the body is here, at most `MOST_TAKEN` bytes of it; empty when nothing is."""
        pieces = self.pieces
        if not pieces:
            return b""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if len(data) > MOST_TAKEN:
            pieces.append(data[MOST_TAKEN:])
            data = data[:MOST_TAKEN]
        self._waiting = len(pieces[0]) if pieces else 0
        if self._paused and self._waiting <= MOST_WAITING:
            self._resume()
        return data

    async def more(self, due: float) -> bytes:
        """What comes next of the body, which must be before `due`; empty at its end.

        Raises ProviderCut, ProviderBroke, DeadlineExceeded.
        """
        self.due = min(due, self._until)
        while not self.pieces:
            if self.over:
                break
            if self.error is not None:
                raise self.error
            self._waiter = self._loop.create_future()
            await self._waiter
        self.due = self._until
        return self.take()

    def rest(self, due: float) -> None:
        """Nobody uses it from now on; at `due` it is closed, if it was not used again."""
        self.resting = True
        self.due = due
        self._used = True
        self.pieces.clear()
        self._waiting = 0
        if self._paused:
            self._resume()

    def overdue(self) -> None:
        """Its time is up."""
        if self.resting:
            self.abort()
        elif not self.over:
            self.fail(DeadlineExceeded("the provider stayed silent beyond its deadline"))

    def abort(self) -> None:
        """Closes the connection at once, whatever is under way."""
        self._unsent = memoryview(b"")
        if self._transport is not None:
            self._transport.abort()

    def fail(self, error: ModelhallError) -> None:
        """Closes the connection at once; whoever waits gets this error, and so does who asks later."""
        self.error = error
        self.abort()
        self._wake()

    # What the event loop says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return _ROOM

    def buffer_updated(self, nbytes: int) -> None:
        self._received(bytes(_ROOM[:nbytes]))

    def _received(self, data: bytes) -> None:
        if self.over:
            self.surplus = True
            if self.resting:
                self.abort()
            return
        try:
            if self._body is not None:
                self._take_body(self._body, data)
            elif self.error is None:
                self._take_head(data)
        except ProviderBroke as error:
            self.fail(error)
        if self.resting:
            self.pieces.clear()
            if self.over:
                self._told(self)
        elif self._waiter is not None and (self.pieces or self.over):
            self._wake()

    def eof_received(self) -> None:
        self._ended(None)
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._unsent = memoryview(b"")
        self._ended(exc)
        self._told(self)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._push()

    # How it does it

    def _take_head(self, data: bytes) -> None:
        self._heard = True
        seen = len(self._start)
        block: bytes | bytearray = data
        if seen:
            self._start += data
            block = self._start
        end = head_end(block, seen)
        if end < 0:
            if not seen:
                self._start += data
            return
        head, data = read_head(bytes(block[:end])), bytes(block[end:])
        if seen:
            self._start.clear()
        if head.status >= 200:
            self.head = head
            if head.length == len(data):  # most replies come in one piece
                self.pieces.append(data)
                self.over = True
            else:
                self._body = body = head.body(self.pieces)
                self._take_body(body, data)
            self._wake()
            return
        self._interim += 1
        if head.status == 101 or self._interim > MOST_INTERIM:
            raise ProviderBroke("the provider's answer is not to what was asked")
        if data:
            self._take_head(data)

    def _take_body(self, body: Body, data: bytes) -> None:
        before = len(self.pieces)
        body.feed(data)
        if body.over:
            self.over = True
            self.surplus = body.surplus
            return
        if len(self.pieces) > before:  # framing alone does not wait for anybody
            self._waiting += len(data)
        if self._waiting > MOST_WAITING and not self._paused:
            self._paused = True
            cast(asyncio.Transport, self._transport).pause_reading()

    def _resume(self) -> None:
        self._paused = False
        if self.lives:
            cast(asyncio.Transport, self._transport).resume_reading()

    def _push(self) -> None:
        while self._unsent and not self._full:
            piece, self._unsent = self._unsent[:MOST_AT_ONCE], self._unsent[MOST_AT_ONCE:]
            cast(asyncio.Transport, self._transport).write(piece)

    def _ended(self, cause: Exception | None) -> None:
        """The provider has closed, or the connection broke."""
        if self.over or self.error is not None:
            return
        head = self.head
        if head is not None and head.length is None and not head.chunked and cause is None:
            self.over = True  # whether that was all of it is for the dialect to know
            self._wake()
            return
        if head is not None:
            error = ProviderCut("the provider's answer stopped in the middle")
        else:
            kept = self._used and not self._heard
            words = "the provider closed the connection without an answer"
            error = ProviderHungUp(words, details={"kept": kept})
        error.__cause__ = cause
        self.fail(error)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
