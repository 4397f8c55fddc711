"""One file of the journal while it is written: stored to in memory where that is safe, else by a system call each.

A mapped segment takes its whole room from the disk beforehand; a record is then a copy within memory that no other
thread delays, and that is in the kernel's hands at once, as a written one is. What is not used stays zero.
"""

import errno
import mmap
import os
import struct
import sys
from pathlib import Path
from typing import Protocol

import google_crc32c

from modelhall.storage.datadir import file_system_of

MAGIC = b"MHJL\x00\x00\x00\x01"
"""Four letters and the format version."""
FRAME = struct.Struct(">II")
"""A record's length and checksum, before it. A length of zero ends the segment."""
WRITES_IN_PLACE = frozenset({"ext2", "ext3", "ext4", "xfs", "tmpfs"})
"""File systems that keep the room they promised. One that writes elsewhere may run out of room after all, and would
tell a process that stores to memory by killing it."""


def checksum(payload: bytes) -> int:
    """The CRC-32C of a record."""
    return google_crc32c.value(payload)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - not annotated


class Segment(Protocol):
    """A file that records are added to."""

    left: int
    """Bytes that still fit; 0 once it is closed."""

    def append(self, payload: bytes) -> None:
        """Adds a record that fits. Raises OSError; nothing half-written stays then."""
        ...

    def sync(self) -> None:
        """Returns when all that was added is on the disk. May run in any thread. Raises OSError."""
        ...

    def close(self) -> None:
        """Lets go of the file, and of the room that was not used."""
        ...


def open_segment(path: Path, size: int, *, mapped: bool) -> Segment:
    """Makes the file of a new segment. Raises OSError, and leaves no file then."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    try:
        return Mapped(file, size) if mapped and _reserve(file, size) else Appended(file, size)
    except OSError:
        os.close(file)
        path.unlink()
        raise


def can_be_mapped(folder: Path) -> bool:
    """Whether a file in this folder keeps the room that it was promised, and an fsync covers what memory holds."""
    return sys.platform == "linux" and file_system_of(folder) in WRITES_IN_PLACE


def _reserve(file: int, size: int) -> bool:
    """Takes the room from the disk; False where the file system knows no such thing. Raises OSError when it is full."""
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS}:
            return False
        raise
    return True


class Mapped:
    """A segment in memory."""

    def __init__(self, file: int, size: int) -> None:
        self._file = file
        self._map = mmap.mmap(file, size)
        self._map[: len(MAGIC)] = MAGIC
        self._end = len(MAGIC)
        self.left = size - self._end

    def append(self, payload: bytes) -> None:
        start = self._end + FRAME.size
        end = start + len(payload)
        # The record first: whoever dies before its frame is there has written nothing.
        self._map[start:end] = payload
        FRAME.pack_into(self._map, self._end, len(payload), checksum(payload))
        self.left -= end - self._end
        self._end = end

    def sync(self) -> None:
        os.fsync(self._file)  # on Linux, also what was stored to memory

    def close(self) -> None:
        self.left = 0
        self._map.close()
        try:
            os.ftruncate(self._file, self._end)
        finally:
            os.close(self._file)


class Appended:
    """A segment that takes each record by a system call."""

    def __init__(self, file: int, size: int) -> None:
        self._file = file
        self._end = 0
        self.left = size
        self._write(MAGIC)

    def append(self, payload: bytes) -> None:
        self._write(FRAME.pack(len(payload), checksum(payload)) + payload)

    def _write(self, data: bytes) -> None:
        if (written := os.write(self._file, data)) != len(data):
            left, self.left = self.left, 0  # should what is torn stay, nothing may follow it
            os.ftruncate(self._file, self._end)
            self.left = left
            raise OSError(errno.ENOSPC, f"only {written} bytes were taken, the disk is full")
        self._end += len(data)
        self.left -= len(data)

    def sync(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        self.left = 0
        os.close(self._file)
