"""The server's connections: a fast lane for perfectly plain calls, and the careful framing for everything else."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from modelhall.gateway.doors.careful import BETWEEN, BODY, CarefulConnection
from modelhall.gateway.doors.form import Limits
from modelhall.gateway.doors.keeper import Keeper
from modelhall.gateway.doors.model_door import ModelDoor
from modelhall.gateway.doors.plain import PlainHead
from modelhall.gateway.doors.wire import WireExchange
from modelhall.gateway.outbox import Outbox


class Doorkeeper(Keeper):
    """Makes the connections of one server; plain calls are led to these doors, by path, and without doors none is.

    Give it to `uvicorn.Config(http=…)`, which calls it once for each connection.
    """

    def __init__(self, limits: Callable[[], Limits] = Limits, doors: Mapping[str, ModelDoor] | None = None) -> None:
        super().__init__(limits)
        self.doors = doors or {}
        self._headers: list[tuple[bytes, bytes]] = []
        self._lines = b""
        self._outbox: Outbox | None = None

    def __call__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> "Connection":
        return Connection(self, config, server_state, app_state, _loop)

    @property
    def outbox(self) -> Outbox:
        """For what all connections write in one turn of the loop."""
        if self._outbox is None:
            self._outbox = Outbox(asyncio.get_running_loop())
        return self._outbox

    def lines_of(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        """These headers as lines. The server gives the same list again until the date changes, once a second."""
        if headers is not self._headers:
            self._headers, self._lines = headers, b"".join(b"%b: %b\r\n" % header for header in headers)
        return self._lines


class Connection(CarefulConnection):
    """One connection. A plain call that comes when nothing is under way is taken by the lane.

    While it is under way, what else arrives goes the careful way, for which it is a call like any other.
    """

    def __init__(
        self,
        keeper: Doorkeeper,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        super().__init__(keeper, config, server_state, app_state, loop)
        self._doorkeeper = keeper
        self._doors = keeper.doors
        self.outbox = keeper.outbox
        self._known: PlainHead | None = None
        self._call: WireExchange | None = None
        """The last call on the lane, until its answer is complete."""
        self._filling: WireExchange | None = None
        """The call on the lane whose body has not arrived in full."""

    @property
    def date_line(self) -> bytes:
        """What every head says first: headers with their line ends."""
        return self._doorkeeper.lines_of(self.server_state.default_headers)

    def shutdown(self) -> None:
        """The server stops. What was answered goes out before an idle connection is closed."""
        self.outbox.flush()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._filling = self._call = self._running = None
        self.cycle = cast(RequestResponseCycle, None)  # as it was in the beginning; a call leads back to here

    def data_received(self, data: bytes) -> None:
        if self._closing_since is None:
            if self._filling is not None:
                data = self._fill(self._filling, data)
            elif self._reading <= BETWEEN and self._doors and not self._busy:
                data = self._take(data)
        if data:
            super().data_received(data)

    def _take(self, data: bytes) -> bytes:
        """Has a plain call served, and gives what is left of the data: all of it when it is not plain."""
        head = self._known
        if head is None or not head.again(data):
            head = PlainHead.read(data, self._limits)
            if head is None or head.path not in self._doors:
                return data
            self._known = head if head.kept else None
        exchange = WireExchange(self, head, self.loop.time())
        self._running = self.cycle = cast(RequestResponseCycle, exchange)
        self._call, self._leave = exchange, exchange.leave
        self._reading, self._body_bytes, self._body_seen = BODY, 0, 0
        rest = self._fill(exchange, data[head.size :])
        task = self.loop.create_task(self._doors[head.path].serve(exchange))
        exchange.run_in(task)
        self.tasks.add(task)
        return rest

    def _fill(self, exchange: WireExchange, data: bytes) -> bytes:
        """Gives the call its body, and what is left of the data back."""
        rest = exchange.feed(data)
        self._body_bytes += len(data) - len(rest)
        self._filling = exchange if exchange.missing else None
        if not exchange.missing:
            self._reading, self._since = BETWEEN, self.loop.time()
        return rest

    def on_response_complete(self) -> None:
        """The answer to the call under way has been written."""
        self._call = None
        super().on_response_complete()

    def look(self, now: float, limits: Limits) -> None:
        """Closes the connection if its time is over, and has its call look at what takes time."""
        super().look(now, limits)
        if self._call is not None:
            self._call.look(now, limits.look_seconds)
