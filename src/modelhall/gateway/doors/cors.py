"""Lets pages of other origins call the model doors, where the operator named them."""

from collections.abc import Callable, Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

EXPOSED = (
    "x-request-id",
    "x-modelhall-call",
    "x-modelhall-model",
    "x-modelhall-cost",
    "x-modelhall-attempts",
    "retry-after",
)


class LiveCors:
    """Passes everything through; below `/v1` with the CORS headers for the origins that are named right now."""

    def __init__(self, app: ASGIApp, origins: Callable[[], Sequence[str]]) -> None:
        self._app = app
        self._origins = origins
        self._named: Sequence[str] = ()
        self._sharing: ASGIApp = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        named = self._origins()
        if named != self._named:
            self._named, self._sharing = named, self._share(named)
        await self._sharing(scope, receive, send)

    def _share(self, named: Sequence[str]) -> ASGIApp:
        if not named:
            return self._app
        return CORSMiddleware(
            self._app, allow_origins=named, allow_methods=("GET", "POST"), allow_headers=("*",), expose_headers=EXPOSED
        )
