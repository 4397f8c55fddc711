"""Takes connections from the listening socket that all workers share, so that each gets about as many.

Whoever is ahead of another one leaves a new connection to it for a moment. A connection that nobody has taken yet
waits in the one queue of the kernel: it is not lost when a worker dies.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

from modelhall.workers.board import AWAY, Board

LEAVE_S = 0.002
"""How long one that is ahead leaves a new connection to the others."""
AT_ONCE = 4
"""How many it takes then: the others seem to be busy."""
NO_ROOM_S = 1.0
TELL_S = 0.25

log = logging.getLogger(__name__)


class Acceptor:
    """The one of this worker."""

    def __init__(
        self,
        listener: socket.socket,
        board: Board,
        seat: int,
        connected: Callable[[], int],
        make: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._listener = listener
        self._board = board
        self._seat = seat
        self._connected = connected
        self._make = make
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._beginning: set[asyncio.Task[object]] = set()
        self._open = False

    def start(self) -> None:
        """Takes connections from now on."""
        self._listener.setblocking(False)
        self._open = True
        self._watch()
        self._tell()

    def stop(self) -> None:
        """Takes no more; the socket stays open for the others."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._listener.fileno())
            self._board.write(self._seat, AWAY)
            self._listener.close()

    def _watch(self) -> None:
        if self._open:
            self._loop.add_reader(self._listener.fileno(), self._come)

    def _come(self) -> None:
        """Somebody is at the door, for all workers at once."""
        fewest = self._board.fewest_elsewhere(self._seat)
        if fewest is None or self._own <= fewest:
            self._take()
        else:
            self._loop.remove_reader(self._listener.fileno())
            self._loop.call_later(LEAVE_S, self._come_after_all)

    def _come_after_all(self) -> None:
        self._watch()
        for _ in range(AT_ONCE):
            if not (self._open and self._take()):
                break

    def _take(self) -> bool:
        """Whether there was a connection."""
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False
        except OSError as error:  # no file or no memory is left
            log.error("cannot take a connection: %s", error.strerror)
            self._loop.remove_reader(self._listener.fileno())
            self._loop.call_later(NO_ROOM_S, self._watch)
            return False
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._begin(connection))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)
        self._board.write(self._seat, self._own)
        return True

    async def _begin(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make, connection, ssl=self._tls)
        except OSError:
            connection.close()

    @property
    def _own(self) -> int:
        return self._connected() + len(self._beginning)

    def _tell(self) -> None:
        if self._open:
            self._board.write(self._seat, self._own)
            self._loop.call_later(TELL_S, self._tell)
