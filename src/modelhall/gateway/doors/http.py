"""A call over ASGI, and what all doors there share: reading within bounds, noticing a client that goes, answering."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any, cast

from modelhall.gateway.call import Reply
from modelhall.gateway.desk import Bounds
from modelhall.gateway.doors.exchange import (
    COMMENT,
    ClientGone,
    Headers,
    headers_named,
    presented_key,
    too_large,
    too_slow,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STUCK_S = 60.0
"""How long a client may take nothing of an answer that is being sent."""
GONE = "modelhall.gone"
"""The ASGI extension by which a server tells that the client has gone: a function that takes what is to be called then,
and says whether the client is still there."""


class AsgiExchange:
    """A call through any ASGI server.

    Where the server has the extension `GONE` it says when the client goes, and ends clients that take nothing;
    elsewhere a task and a timer do both.
    """

    __slots__ = ("_done", "_owner", "_receive", "_scope", "_send", "_timer", "_watcher", "_writing_since", "gone")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.gone = False
        self._done = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._owner: asyncio.Task[object] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writing_since: float | None = None

    def key(self) -> str | None:
        """The key that the request carries. Raises TwoKeys, BadRequest."""
        return presented_key(self._scope["headers"])

    def handed_on(self, names: Collection[bytes]) -> Mapping[str, str]:
        """Its headers of these names."""
        return headers_named(self._scope["headers"], names)

    async def body(self, bounds: Bounds) -> bytes:
        """The whole body. Raises TooLarge, TooSlow, ClientGone. From then on the client's leaving cancels the task."""
        body = await read_body(self._scope, self._receive, bounds)
        self._owner = cast("asyncio.Task[object]", asyncio.current_task())
        when_gone = self._scope.get("extensions", {}).get(GONE)
        if when_gone is None:
            self._watcher = asyncio.create_task(self._watch())
            self._look()
        elif not when_gone(self._leave):
            raise ClientGone
        return body

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole answer."""
        self._done = True  # a server reports a disconnect after the last message too
        await answer(self._send, status, headers, body)

    async def stream(self, reply: Reply, rest: AsyncIterator[bytes], headers: Headers, silence_s: float) -> None:
        """An answer in chunks: its opening and its rest, each sent at once; a comment fills each silence that long."""
        await self._send({"type": "http.response.start", "status": reply.status, "headers": headers})
        comments = _Comments(self, silence_s)
        try:
            await self._chunk(reply.opening, comments)
            async for chunk in rest:
                await self._chunk(chunk, comments)
        finally:
            comments.end()
        self._done = True
        await self._send({"type": "http.response.body", "body": b""})

    async def _chunk(self, chunk: bytes, comments: "_Comments") -> None:
        comments.last_s = self._writing_since = comments.clock()
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        self._writing_since = None

    async def comment(self) -> None:
        """Fills a silence, when nothing else is being sent."""
        if self._writing_since is None and not self._done:
            await self._send({"type": "http.response.body", "body": COMMENT, "more_body": True})

    def end(self) -> None:
        """Nothing matters any more."""
        self._done = True
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _leave(self) -> None:
        """The client is gone: ends the call, in whatever it is waiting for."""
        if not self._done and self._owner is not None:
            self.gone = True
            self._owner.cancel()

    async def _watch(self) -> None:
        """Waits for the server to say that the client has closed its connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _look(self) -> None:
        """Looks now and then: a client that takes nothing for too long is as good as gone."""
        loop = asyncio.get_running_loop()
        if self._writing_since is not None and loop.time() - self._writing_since > STUCK_S:
            self._leave()
        elif not self._done:
            self._timer = loop.call_later(STUCK_S / 4, self._look)


class _Comments:
    """Sends a comment when a stream has been silent for long."""

    def __init__(self, exchange: AsgiExchange, silence_s: float) -> None:
        self._exchange = exchange
        self._silence_s = silence_s
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self.clock = self._loop.time
        self.last_s = self.clock()
        """When something was sent, on the loop's clock."""
        self._timer = self._loop.call_later(silence_s, self._look)

    def end(self) -> None:
        """The stream is over."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _look(self) -> None:
        """One timer for the whole stream: it is set again for when the silence would be long enough."""
        due = self.last_s + self._silence_s
        if due <= self.clock():
            self._task = self._loop.create_task(self._exchange.comment())
            self.last_s = self.clock()
            due = self.last_s + self._silence_s
        self._timer = self._loop.call_at(due, self._look)


async def read_body(scope: Scope, receive: Receive, bounds: Bounds) -> bytes:
    """The whole body. Raises TooLarge, TooSlow; ClientGone when the client leaves while it is being sent."""
    told = dict(scope["headers"]).get(b"content-length", b"")
    if told.isdigit() and int(told) > bounds.body_bytes:
        raise too_large(bounds)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(bounds.body_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > bounds.body_bytes:
                    raise too_large(bounds)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise too_slow() from None


async def answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """A whole answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})
