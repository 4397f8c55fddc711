"""The doors for whoever runs the server: is it alive, is it ready, what does it count."""

import json
from collections.abc import Awaitable, Callable, Mapping

from starlette.routing import Route

from modelhall.domain.errors import Forbidden, ModelhallError
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.exchange import error_headers, presented_key
from modelhall.gateway.doors.http import Receive, Scope, Send, answer
from modelhall.gateway.exposition import CONTENT_TYPE, exposition
from modelhall.gateway.meters import Meters
from modelhall.gateway.routing import identify

Parts = Mapping[str, str]
"""By name of the part: `ok`, or what is wrong with it."""
Counted = Callable[[], Awaitable[Meters]]
"""What was counted, by all processes of this server together."""


def operations_routes(desk: Desk, parts: Callable[[], Parts], counted: Counted) -> list[Route]:
    """`/healthz`, `/readyz` and `/metrics`."""
    return [
        Route("/healthz", _Alive(), methods=["GET"]),
        Route("/readyz", _Ready(parts), methods=["GET"]),
        Route("/metrics", _Metrics(desk, counted), methods=["GET"]),
    ]


class _Alive:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _json(send, 200, {"status": "ok"})


class _Ready:
    """Whether calls can be served: the database, the journal, the snapshot, the master key.

    Not providers, not the engine.
    """

    def __init__(self, parts: Callable[[], Parts]) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = self._parts()
        ready = all(state == "ok" for state in parts.values())
        await _json(send, 200 if ready else 503, {"status": "ready" if ready else "not ready", "parts": dict(parts)})


class _Metrics:
    """The counters, for a service key or the operator."""

    def __init__(self, desk: Desk, counted: Counted) -> None:
        self._desk = desk
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            caller = identify(presented_key(scope["headers"]), self._desk)
            if caller.role is None:
                raise Forbidden(
                    "counters are for service keys; make one with `modelhall key create NAME --role viewer`"
                )
        except ModelhallError as error:
            body = json.dumps({"error": {"code": error.code, "message": error.message}}).encode()
            await answer(send, error.status, error_headers(error), body)
            return
        await answer(send, 200, [(b"content-type", CONTENT_TYPE.encode())], exposition(await self._counted()))


async def _json(send: Send, status: int, content: object) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await answer(send, status, headers, json.dumps(content).encode())
