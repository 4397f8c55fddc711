"""What all doors share: reading a request within bounds, noticing that its client has gone, answering."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, cast

from modelhall.domain.errors import BadRequest, ModelhallError, TooLarge, TooSlow, TwoKeys
from modelhall.gateway.desk import Bounds

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

STUCK_S = 60.0
"""How long a client may take nothing of an answer that is being sent."""
GONE = "modelhall.gone"
"""The ASGI extension by which a server tells that the client has gone: a function that takes what is to be called then,
and says whether the client is still there."""
_KEY_HEADERS = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})


class ClientGone(Exception):
    """The client has closed its connection; nobody is left to answer."""


def presented_key(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key that a request carries, in whichever header.

    Raises TwoKeys when two differ, BadRequest when it is not text.
    """
    found: bytes | None = None
    for name, value in headers:
        if name not in _KEY_HEADERS:
            continue
        if name == b"authorization":
            scheme, _, value = value.partition(b" ")
            if scheme.lower() != b"bearer":
                continue
        value = value.strip()
        if value and found is not None and value != found:
            raise TwoKeys("the request carries two different keys; send one")
        found = value or found
    try:
        return None if found is None else found.decode("ascii")
    except UnicodeDecodeError:
        raise BadRequest("the key has characters that no key has") from None


async def read_body(scope: Scope, receive: Receive, bounds: Bounds) -> bytes:
    """The whole body. Raises TooLarge, TooSlow; ClientGone when the client leaves while it is being sent."""
    told = dict(scope["headers"]).get(b"content-length", b"")
    if told.isdigit() and int(told) > bounds.body_bytes:
        raise _too_large(bounds)
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
                    raise _too_large(bounds)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise TooSlow("the request's body did not arrive in time") from None


def _too_large(bounds: Bounds) -> TooLarge:
    return TooLarge(f"the request's body is larger than {bounds.body_bytes:,} bytes")


class Presence:
    """Whether the client is still there, and whether it still matters."""

    def __init__(self, owner: "asyncio.Task[object]") -> None:
        self.gone = False
        self.done = False
        self.writing_since: float | None = None
        """When what is being sent was begun, on the loop's clock."""
        self._owner = owner
        self._timer: asyncio.TimerHandle | None = None

    def leave(self) -> None:
        """The client is gone: ends the call, in whatever it is waiting for."""
        if not self.done:
            self.gone = True
            self._owner.cancel()

    async def watch(self, receive: Receive) -> None:
        """Waits for the server to say that the client has closed its connection."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.leave()

    def look(self) -> None:
        """Looks now and then: a client that takes nothing for too long is as good as gone."""
        loop = asyncio.get_running_loop()
        if self.writing_since is not None and loop.time() - self.writing_since > STUCK_S:
            self.leave()
        elif not self.done:
            self._timer = loop.call_later(STUCK_S / 4, self.look)

    def end(self) -> None:
        """Nothing matters any more."""
        self.done = True
        if self._timer is not None:
            self._timer.cancel()


@asynccontextmanager
async def present(scope: Scope, receive: Receive) -> AsyncGenerator[Presence]:
    """Ends its body when the client goes away, in whatever it is waiting for. Raises ClientGone.

    Set `done` before the last message goes out: a server reports a disconnect after that too. Where the server has the
    extension `GONE` it also ends clients that take nothing; elsewhere a task and a timer do both.
    """
    owner = cast("asyncio.Task[object]", asyncio.current_task())
    presence = Presence(owner)
    when_gone = scope.get("extensions", {}).get(GONE)
    watcher: asyncio.Task[None] | None = None
    if when_gone is None:
        watcher = asyncio.create_task(presence.watch(receive))
        presence.look()
    elif not when_gone(presence.leave):
        raise ClientGone
    try:
        yield presence
    except asyncio.CancelledError:
        if not presence.gone:
            raise
        owner.uncancel()
        raise ClientGone from None
    finally:
        presence.end()
        if watcher is not None:
            watcher.cancel()


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


def error_headers(error: ModelhallError) -> Headers:
    """What tells a client's retry logic how to take an error."""
    headers: Headers = [(b"content-type", b"application/json")]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    if not error.retryable:
        headers.append((b"x-should-retry", b"false"))
    if isinstance(error, TooSlow):
        headers.append((b"connection", b"close"))  # or the rest of the body would keep it open as slowly
    return headers
