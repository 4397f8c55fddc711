"""Keeps a server that others can reach closed until somebody has set it up."""

from importlib import import_module
from typing import Any

from modelhall.domain.errors import ModelhallError, SetUpNeeded
from modelhall.domain.ids import new_id
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.exchange import presented_key
from modelhall.gateway.routing import refuse_before_set_up

PAGE = ("/page.js", "/ask.js", "/sign-in.js", "/page.css", "/icon.svg")
OPEN = frozenset({("GET", "/healthz"), ("POST", "/api/v1/sessions"), *(("GET", path) for path in PAGE)})
"""Besides: the page itself, which is sent with the status 503. It knows how a sign-in link is redeemed."""


class SetUpGate:
    """ASGI middleware around everything; the fast lane refuses by itself what carries no key of the house."""

    def __init__(self, app: Any, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif (scope["method"], scope["path"]) == ("GET", "/"):
            await self._app(scope, receive, _Closed(send))
        else:
            # Loaded with the first refusal: it brings the control plane's framework with it.
            problem = import_module("modelhall.api.problems").problem
            words = problem(refusal.status, refusal.code, refusal.message, new_id())
            await words(scope, receive, send)

    def _refusal(self, scope: Any) -> ModelhallError | None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) in OPEN:
            return None
        try:
            refuse_before_set_up(self._desk)
            return None
        except SetUpNeeded as error:
            return None if self._by_operator(scope) else error
        except ModelhallError:  # the house says by itself what is wrong
            return None

    def _by_operator(self, scope: Any) -> bool:
        try:
            presented = presented_key(scope["headers"])
        except ModelhallError:
            return False
        return presented is not None and self._desk.operator(presented) is not None


class _Closed:
    """Sends with the status 503."""

    def __init__(self, send: Any) -> None:
        self._send = send

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "status": SetUpNeeded.status}
        await self._send(message)
