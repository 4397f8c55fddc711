"""The one way out to providers: sends a prepared request, gives the answer as it arrives, in the house's own errors."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from modelhall.domain.errors import ModelhallError, ProviderBroke, ProviderHungUp
from modelhall.gateway.outgoing import Request
from modelhall.gateway.pools import Pools
from modelhall.gateway.replies import Head
from modelhall.gateway.wire import Wire

CROWDED = 24
"""Bytes of a line, on average, below which reading the lines takes much longer than bringing them."""
MOST_CROWDED = 2 * 1024
"""Bytes of such lines that are read in one turn of the event loop: a fraction of a millisecond."""
_NOTHING = memoryview(b"")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the phases of a call may take, in seconds."""

    connect: float = 10.0
    first_byte: float = 120.0
    idle: float = 60.0
    total: float = 900.0


class Answer:
    """What a provider answered: its head now, its body as it arrives."""

    __slots__ = ("_crowd", "_first_until", "_idle", "_loop", "_wire", "drained", "headers", "status")

    def __init__(
        self, head: Head, wire: Wire, loop: asyncio.AbstractEventLoop, idle: float, first_until: float
    ) -> None:
        self.status: int = head.status
        self.headers: Mapping[str, str] = head.headers
        """Names in lower case."""
        self.drained = False
        self._crowd = _NOTHING
        """What is there of many tiny lines; others have their turn before each piece of it."""
        self._wire = wire
        self._loop = loop
        self._idle = idle
        self._first_until: float | None = first_until
        """When the first piece of the body must be here, on the loop's clock; `None` once it is."""

    def refuse_coding(self) -> None:
        """Raises ProviderBroke when the body is compressed, which nobody asked for."""
        coding = self.headers.get("content-encoding", "identity").lower()
        if coding != "identity":
            raise ProviderBroke(f"the provider's answer is compressed ({coding[:40]}), which nobody asked for")

    async def read(self) -> bytes:
        """What has arrived of the body since the last time; empty at its end.

        Raises ProviderCut, ProviderBroke, DeadlineExceeded.
        """
        wire = self._wire
        if self._crowd:
            await asyncio.sleep(0)
            return self._next_of_crowd()
        data = wire.take()
        if not data and not wire.over:
            data = await wire.more(self._first_until or self._loop.time() + self._idle)
        self._first_until = None
        if len(data) > MOST_CROWDED and data.count(b"\n") * CROWDED > len(data):
            self._crowd = memoryview(data)
            return self._next_of_crowd()
        return data

    def _next_of_crowd(self) -> bytes:
        piece, self._crowd = self._crowd[:MOST_CROWDED], self._crowd[MOST_CROWDED:]
        return bytes(piece)

    async def drain(self) -> None:
        """Tells that the answer's dialect has ended: if its framing soon does too, the connection can be used again.

        Nobody waits for that here.
        """
        self.drained = True

    async def whole(self, most: int) -> bytes:
        """The whole body.

        Raises ProviderCut, DeadlineExceeded, and ProviderBroke when it is larger than `most` bytes.
        """
        wire = self._wire
        parts = [wire.take() if wire.over else await self.read()]
        size = len(parts[0])
        while size <= most:
            if wire.over and not wire.pieces:
                return parts[0] if len(parts) == 1 else b"".join(parts)
            parts.append(await self.read())
            size += len(parts[-1])
        raise ProviderBroke(f"the provider's answer is larger than {most:,} bytes")


class Exchange:
    """One request and its answer, as a context; to leave it early is to hang up."""

    __slots__ = ("_answer", "_cut", "_deadlines", "_pools", "_request", "_wire", "asked")

    def __init__(self, pools: Pools, request: Request, deadlines: Deadlines) -> None:
        self._pools = pools
        self._request = request
        self._deadlines = deadlines
        self._answer: Answer | None = None
        self._wire: Wire | None = None
        self._cut: ModelhallError | None = None
        self.asked = False
        """Whether the request was written, in full or in part."""

    async def __aenter__(self) -> Answer:
        return await self.begin()

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def begin(self) -> Answer:
        """Sends the request and gives the answer's head; what has begun must be closed. Raises as `Upstream.send`."""
        request, deadlines, loop = self._request, self._deadlines, self._pools.loop
        now = loop.time()
        until = now + deadlines.total
        due = min(now + deadlines.first_byte, until)
        wire = self._pools.kept_for(request.endpoint)
        if wire is None:
            wire = await self._pools.connect(request.endpoint, deadlines.connect, due)
        try:
            self.asked = True
            wire.ask(request, due, until, self._pools.outbox)
            self._wire = wire
            if self._cut is not None:  # while it was being connected
                wire.fail(self._cut)
            head = await wire.opened()
        except ProviderHungUp as error:
            if error.details["kept"]:
                self._pools.forget(request.endpoint)
            raise
        except BaseException:
            wire.abort()
            raise
        self._answer = Answer(head, wire, loop, deadlines.idle, due)
        return self._answer

    def cut(self, error: ModelhallError) -> None:
        """Hangs up; whoever waits for the answer gets this error, once what has arrived of it is read."""
        self._cut = error
        if self._wire is not None and not self._wire.resting:
            self._wire.fail(error)

    def close(self) -> None:
        """Ends it: the connection is kept if the answer is whole, else closed."""
        if self._wire is not None and self._answer is not None:
            self._pools.give_back(self._wire, linger=self._answer.drained)


class Upstream:
    """Connections to providers, kept alive between calls; private addresses only for those that may."""

    def __init__(self, pools: Pools) -> None:
        self.pools = pools

    @classmethod
    @asynccontextmanager
    async def open(cls, *, ca_file: str | None = None) -> AsyncGenerator[Self]:
        """Opens the pools for as long as the context lasts."""
        trust = ssl.create_default_context()
        trust.set_alpn_protocols(["http/1.1"])
        if ca_file:
            trust.load_verify_locations(ca_file)
        pools = Pools(trust)
        try:
            yield cls(pools)
        finally:
            await pools.close()

    def send(self, request: Request, deadlines: Deadlines) -> Exchange:
        """Sends a request and gives the answer's head; to leave the context early is to hang up.

        Entering it raises ProviderUnreachable (never connected), ProviderHungUp, ProviderBroke, DeadlineExceeded,
        AddressNotAllowed.
        """
        return Exchange(self.pools, request, deadlines)
