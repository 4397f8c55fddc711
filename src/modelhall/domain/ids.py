"""Own ids: UUIDv7, so that they sort by the time they were made (RFC 9562 section 5.7)."""

import os
import struct
import time
from uuid import UUID

NIL = "00000000-0000-0000-0000-000000000000"
"""Stands for "none" in keys of roll-ups, where SQL would not treat two NULLs as equal."""


class _Random:
    """Random bytes of the system, fetched for many ids at once: asking for each costs as much as all the rest of it."""

    def __init__(self) -> None:
        self._numbers: list[int] = []

    def next(self) -> int:
        """62 random bits, given to nobody else."""
        try:
            return self._numbers.pop()  # one step of the interpreter, so that no two threads get the same
        except IndexError:
            fresh = [number & ((1 << 62) - 1) for number in struct.unpack(">256Q", os.urandom(2048))]
            number = fresh.pop()
            self._numbers.extend(fresh)
            return number

    def forget(self) -> None:
        """In a child process: what the parent fetched is the parent's."""
        self._numbers.clear()


_RANDOM = _Random()
os.register_at_fork(after_in_child=_RANDOM.forget)


def new_id() -> str:
    """A fresh UUIDv7 as text; ids made a quarter of a microsecond apart sort in the order they were made."""
    return id_at(time.time_ns())


def id_at(unix_ns: int) -> str:
    """A UUIDv7 of the given Unix time in nanoseconds.

    48 bits of milliseconds, 12 bits of their fraction (RFC 9562 section 6.2, method 3), 62 random bits.
    """
    ms, rest = divmod(unix_ns, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    text = f"{(ms & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | fraction:016x}{0x2 << 62 | _RANDOM.next():016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in its canonical form."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
