"""An application that is loaded when it is first asked for, while calls go on.

The control plane with its framework takes as long to load as all the rest, and a gateway that only serves calls never
needs it (`docs/decisions/late-control-plane.md`).
"""

import asyncio
import gc
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Late:
    """The application that `make` gives; it is called once, in a thread of its own, because it may take a second."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._making: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._making is None or (self._making.done() and self._making.exception()):
            self._making = asyncio.ensure_future(asyncio.to_thread(self._made))
        # Shielded, because whoever asked first may leave before others do.
        app = await asyncio.shield(self._making)
        await app(scope, receive, send)

    def _made(self) -> ASGIApp:
        app = self._make()
        gc.freeze()  # it stays as long as the process does: the collector need not look at it again
        return app
