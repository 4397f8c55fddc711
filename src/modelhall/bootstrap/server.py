"""The HTTP server of one process: it tells the house when it is to stop, and lets calls under way end."""

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn

from modelhall.bootstrap.house import OpenHouse
from modelhall.gateway.doors.guards import NOSNIFF
from modelhall.gateway.doors.server import Doorkeeper
from modelhall.settings import Settings
from modelhall.workers.acceptor import Acceptor
from modelhall.workers.board import Board


class Server(uvicorn.Server):
    """Tells the house as soon as it is asked to stop: calls under way go on, new ones are refused."""

    def __init__(self, settings: Settings, house: OpenHouse, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            uvicorn.Config(
                house.app,
                http=cast(
                    "type[asyncio.Protocol]", Doorkeeper(house.watch.limits, house.doors)
                ),  # uvicorn only calls it
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                headers=[NOSNIFF],
                ssl_context_factory=None if tls is None else lambda _config, _usual: tls,
                proxy_headers=False,
                timeout_graceful_shutdown=int(settings.shutdown_seconds),
            )
        )
        self._stopping = house.stopping

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Takes the signals for good: uvicorn would raise them again once it stopped, before the house is closed."""
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, self.handle_exit, sign, None)
        yield

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._stopping()
        super().handle_exit(sig, frame)


class WorkersServer(Server):
    """One of several on the same listening socket."""

    def __init__(
        self,
        settings: Settings,
        house: OpenHouse,
        tls: ssl.SSLContext | None,
        listener: socket.socket,
        board: Board,
        seat: int,
        ready: Callable[[], None],
    ) -> None:
        super().__init__(settings, house, tls)
        self._acceptor = Acceptor(
            listener, board, seat, lambda: len(self.server_state.connections), self._protocol, tls
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._acceptor.start()
        self._ready()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._acceptor.stop()  # at once, so that the others get who comes now
        super().handle_exit(sig, frame)

    def alone(self, longest_s: int) -> None:
        """Nobody keeps this worker any more: it ends its calls within so many seconds."""
        self.config.timeout_graceful_shutdown = min(longest_s, self.config.timeout_graceful_shutdown or longest_s)
        self.handle_exit(signal.SIGTERM, None)

    def _protocol(self) -> asyncio.Protocol:
        kind = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return kind(self.config, self.server_state, self.lifespan.state)


def calm_collector() -> None:
    """What is there now stays: the collector need not look at it again, and looks at what is new less often.

    Without this a third of the time of a call goes into looking (the benchmark, 2026-11). It is not looked for garbage
    before: there is next to none, and that would take a tenth of the start.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
