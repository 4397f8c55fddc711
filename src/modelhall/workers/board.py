"""A few numbers in memory that all workers share: how many connections each has open, so that none runs ahead."""

import mmap
import os
import struct
import tempfile

NUMBER = struct.Struct("=q")
AWAY = -1


class Board:
    """One number per worker, written by that worker alone. Plain 8-byte cells: a reader sees the old or the new one."""

    def __init__(self, descriptor: int, seats: int) -> None:
        self.descriptor = descriptor
        self._seats = seats
        self._cells = mmap.mmap(descriptor, seats * NUMBER.size)

    def write(self, seat: int, connections: int) -> None:
        """How many connections this worker has; `AWAY` when it takes none."""
        NUMBER.pack_into(self._cells, seat * NUMBER.size, connections)

    def fewest_elsewhere(self, seat: int) -> int | None:
        """The fewest that another worker has; `None` when there is no other that takes connections."""
        told = (NUMBER.unpack_from(self._cells, each * NUMBER.size)[0] for each in range(self._seats) if each != seat)
        return min((count for count in told if count != AWAY), default=None)

    def close(self) -> None:
        """Lets go of it."""
        self._cells.close()
        os.close(self.descriptor)


def new_board(seats: int) -> Board:
    """A board on which nobody is there yet; its descriptor is handed to the workers."""
    with tempfile.TemporaryFile() as file:
        file.write(NUMBER.pack(AWAY) * seats)
        file.flush()
        return Board(os.dup(file.fileno()), seats)
