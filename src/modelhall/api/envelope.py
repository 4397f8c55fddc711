"""What every answer of the control API is wrapped in: request id, no copies, bounds, a net for our own faults."""

import logging
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelhall.api.problems import UNEXPECTED, problem
from modelhall.domain.ids import new_id

MOST_BODY = 1024 * 1024
MOST_FILE = 8 * MOST_BODY
"""For configuration files, which come as text within JSON."""
FILES = "/configuration/"

log = logging.getLogger(__name__)


class Envelope:
    """Plain ASGI middleware around the whole control API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        stamped = _Stamped(send, request_id)
        if _has_nul(scope):
            refusal = problem(400, "bad_request", "a NUL character is in the address", request_id)
            await refusal(scope, receive, stamped)
            return
        try:
            await self._app(scope, _Bounded(receive, MOST_FILE if FILES in scope["path"] else MOST_BODY), stamped)
        except Exception as error:  # noqa: BLE001 — the last net: our own faults are told without their internals
            await _own_fault(error, request_id, stamped, scope, receive)


async def _own_fault(error: Exception, request_id: str, stamped: "_Stamped", scope: Scope, receive: Receive) -> None:
    log.error("a request failed for a reason nobody foresaw (request %s)", request_id, exc_info=error)
    if stamped.begun:
        raise error
    words = "the server made a mistake; the log has the reason under this request id"
    await problem(500, UNEXPECTED, words, request_id)(scope, receive, stamped)


class _Stamped:
    """Sends with the headers that every answer carries."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.begun = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self._request_id
            headers.setdefault("cache-control", "no-store")
        await self._send(message)


class _Bounded:
    """Receives at most so much of a body."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            # The only exception that the framework hands on while it reads a body.
            raise HTTPException(413, f"the body is larger than {self._most:,} bytes")
        return message


def _has_nul(scope: Scope) -> bool:
    """No name in the house has one, and PostgreSQL refuses to look for it."""
    return "\x00" in scope["path"] or b"%00" in scope.get("query_string", b"") or b"\x00" in scope["query_string"]
