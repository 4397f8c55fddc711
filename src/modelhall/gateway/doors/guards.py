"""The headers that keep browsers from doing what nobody asked for, on every answer but those of the model doors.

Those are for programs; like every answer of the server they say `nosniff`, which costs nothing there.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from modelhall.gateway.doors.exchange import Headers
from modelhall.gateway.doors.http import Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
NOSNIFF = ("x-content-type-options", "nosniff")
GUARDS: Headers = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
"""Whoever sets one of them otherwise knows why."""
ONLY_TLS = (b"strict-transport-security", b"max-age=31536000")
"""Where a browser has once come over TLS, it comes in no other way for a year."""


class Guarded:
    """Puts the headers on what the application answers."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        guards = [*GUARDS, ONLY_TLS] if scope["scheme"] == "https" else GUARDS

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers: Headers = message.get("headers", [])
                there = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(guard for guard in guards if guard[0] not in there)]
            await send(message)

        await self._app(scope, receive, guarded)
