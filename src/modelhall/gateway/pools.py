"""Connections to providers: kept for the next call, newest first, and looked after all at once."""

import asyncio
import ssl

from modelhall.domain.errors import DeadlineExceeded, ProviderUnreachable
from modelhall.gateway.dial import dial
from modelhall.gateway.outbox import Outbox
from modelhall.gateway.outgoing import Endpoint
from modelhall.gateway.wire import Wire

KEPT_S = 53.0
"""How long a connection is kept unused, and two seconds more at most; many servers close theirs after 60."""
MOST_KEPT = 256
LINGER_S = 0.05
"""How long the end of a reply that nobody needs any more is waited for, so that its connection can be used again."""
LOOK_S = 0.05
"""How often all deadlines are looked at while a call is under way: no call has a timer."""
LOOK_IDLY_S = 2.0


class Pools:
    """All connections of one process."""

    def __init__(self, trust: ssl.SSLContext, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._trust = trust
        self.loop = asyncio.get_running_loop()
        self.outbox = Outbox(self.loop)
        self._kept: dict[Endpoint, list[Wire]] = {}
        self._all: set[Wire] = set()
        self._how_many_kept = 0
        self._looking: asyncio.TimerHandle | None = None
        self._idly = True

    @property
    def kept(self) -> int:
        """How many are kept unused."""
        return self._how_many_kept

    @property
    def open(self) -> int:
        """How many there are."""
        return len(self._all)

    def kept_for(self, endpoint: Endpoint) -> Wire | None:
        """The connection that was used last, if one is kept and lives."""
        if self._idly:
            self._look_soon()
        kept = self._kept.get(endpoint)
        while kept:
            wire = kept.pop()
            self._how_many_kept -= 1
            if wire.lives and not wire.surplus:
                return wire
        return None

    async def connect(self, endpoint: Endpoint, connect_s: float, due: float) -> Wire:
        """A new connection, within `connect_s` seconds and before `due`, on the loop's clock.

        Raises AddressNotAllowed, ProviderUnreachable, DeadlineExceeded.
        """
        until = self.loop.time() + connect_s
        try:
            async with asyncio.timeout_at(min(until, due)):
                wire = await dial(endpoint, self._trust, self._changed)
        except TimeoutError as error:
            if due < until:
                raise DeadlineExceeded("the provider stayed silent beyond its deadline") from error
            raise ProviderUnreachable("no connection to the provider within the connect deadline") from error
        if wire.lives:
            self._all.add(wire)
        if self._idly:  # while it was being made, nothing was there to look at
            self._look_soon()
        return wire

    def give_back(self, wire: Wire, *, linger: bool) -> None:
        """A call has ended: its connection is kept if it is clean, given a moment if it soon may be, or closed."""
        if wire.reusable:
            self._keep(wire)
        elif linger and wire.lives and not wire.over:
            wire.rest(self.loop.time() + LINGER_S)
        else:
            wire.abort()

    def forget(self, endpoint: Endpoint) -> None:
        """Closes what is kept for a server: one of them was found dead, so the next call gets a fresh one."""
        for wire in tuple(self._kept.get(endpoint, ())):
            wire.abort()

    async def close(self) -> None:
        """Closes all connections, and returns when they are gone."""
        if self._looking is not None:
            self._looking.cancel()
        for wire in tuple(self._all):
            wire.abort()
        for _ in range(100):
            if not self._all:
                break
            await asyncio.sleep(0)

    def _keep(self, wire: Wire) -> None:
        if self._how_many_kept >= MOST_KEPT:
            wire.abort()
            return
        wire.rest(self.loop.time() + self._kept_s)
        self._how_many_kept += 1
        self._kept.setdefault(wire.endpoint, []).append(wire)

    def _changed(self, wire: Wire) -> None:
        """A resting connection has come to the end of its reply, or any one to its own."""
        if wire.lives:
            self.give_back(wire, linger=False)
            return
        self._all.discard(wire)
        kept = self._kept.get(wire.endpoint)
        if kept and wire in kept:
            kept.remove(wire)
            self._how_many_kept -= 1

    def _look_soon(self) -> None:
        self._idly = False
        if self._looking is not None:
            self._looking.cancel()
        self._looking = self.loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        now = self.loop.time()
        self._idly = True
        for wire in tuple(self._all):
            if wire.due <= now:
                wire.overdue()
            elif not wire.resting or wire.due < now + LOOK_IDLY_S:
                self._idly = False
        if self._idly:
            self._kept = {endpoint: kept for endpoint, kept in self._kept.items() if kept}
        wait = LOOK_IDLY_S if self._idly else LOOK_S
        self._looking = self.loop.call_later(wait, self._look) if self._all else None
