"""Keeps the list of a server's connections, and looks at all of them once a second: no connection has a timer."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from modelhall.gateway.doors.form import Limits


class Kept(Protocol):
    """A connection, as it is kept in the list."""

    loop: asyncio.AbstractEventLoop

    def look(self, now: float, limits: Limits) -> None:
        """Closes itself if its time is over. Called about once in `look_seconds`."""
        ...


class Keeper:
    """The connections of one server."""

    def __init__(self, limits: Callable[[], Limits]) -> None:
        self.limits = limits
        self._open: set[Kept] = set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._open)

    def came(self, connection: Kept) -> None:
        """A connection is there."""
        self._open.add(connection)
        if self._timer is None:
            self._timer = connection.loop.call_later(self.limits().look_seconds, self._look)

    def left(self, connection: Kept) -> None:
        """A connection is gone."""
        self._open.discard(connection)

    def _look(self) -> None:
        self._timer = None
        limits, loop = self.limits(), asyncio.get_running_loop()
        for connection in tuple(self._open):
            connection.look(loop.time(), limits)
        if self._open:
            self._timer = loop.call_later(limits.look_seconds, self._look)
