"""The append-only file that is written first: an intent before a call is sent, a settlement before the last byte.

A process writes `journal/<process>/<n>.log`: a header, then records of length, CRC-32C and msgpack, then zeros or
nothing. It holds ids, counts and prices, never content. A lock file beside the segments is held as long as the process
lives, whatever ends it.
"""

import asyncio
import errno
import fcntl
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from modelhall.domain.errors import JournalUnavailable
from modelhall.storage.segment import FRAME, MAGIC, Segment, can_be_mapped, checksum, open_segment

SEGMENT_BYTES = 4 * 1024 * 1024
MOST_UNFOLDED = 500_000
"""Records kept in memory until the database takes them; beyond it calls are refused rather than memory filled."""
_MOST_RECORD = 1024 * 1024


class Intent(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="i"):
    """An attempt that is about to be sent."""

    id: str
    call_id: str
    number: int
    organisation_id: str
    project_id: str | None
    member_id: str
    key_id: str | None
    profile_id: str
    model_id: str
    model: str
    asked: str
    dialect: str
    streamed: bool
    started_us: int
    """Microseconds since 1970, UTC."""
    price_id: str | None
    bound: int | None
    """Nano-dollars set aside."""
    windows: tuple[str, ...]
    """The budget windows in which it was admitted."""


class Settled(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="s"):
    """How an attempt ended."""

    id: str
    status: str
    error: str | None
    upstream_status: int | None
    upstream_id: str | None
    first_byte_ms: int | None
    total_ms: int
    usage: dict[str, int]
    vendor_usage: str | None
    estimated: bool
    flaw: str | None
    service_tier: str
    cost: int | None
    charge: int | None
    unconfirmed: int | None
    receipt: dict[str, str] | None


Record = Intent | Settled


class Journal:
    """The journal of this process. `write` returns with the record in the kernel, and waits for no other thread."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock
        self._mapped = can_be_mapped(folder)
        self._encode = msgspec.msgpack.Encoder().encode
        self._unfolded: deque[tuple[int, Record]] = deque()
        self._number = 1
        self._segment = self._made(1)
        self._full: list[Segment] = []
        self._spare: Segment | None = None
        self._making = threading.Lock()
        self._open = 0
        self._written = 0
        self._durable = 0
        self._closed = False
        self._syncing: asyncio.Task[None] | None = None

    def write(self, record: Record) -> None:
        """Appends a record. Raises JournalUnavailable when the disk does not take it; nothing half-written stays.

        A settlement is kept for folding all the same: what was used is never forgotten while the process lives.
        """
        if isinstance(record, Intent):
            if len(self._unfolded) >= MOST_UNFOLDED:
                raise JournalUnavailable(
                    "the database has not taken usage records for too long; see /readyz", retry_after_s=5
                )
            self._append(record)
            self._open += 1
            self._unfolded.append((self._number, record))
        else:
            self._open -= 1
            self._unfolded.append((self._number, record))
            self._append(record)

    def _append(self, record: Record) -> None:
        payload = self._encode(record)
        try:
            if self._segment.left < len(payload) + FRAME.size:
                self._next_segment()
            self._segment.append(payload)
        except OSError as error:
            raise JournalUnavailable(f"the journal cannot be written: {error.strerror}", retry_after_s=5) from error
        self._written += 1

    def take_unfolded(self, most: int = MOST_UNFOLDED) -> list[tuple[int, Record]]:
        """Hands over the oldest records that were not handed over yet, each with the number of its segment."""
        take = self._unfolded.popleft
        return [take() for _ in range(min(most, len(self._unfolded)))]

    def give_back(self, records: Sequence[tuple[int, Record]]) -> None:
        """Takes records back whose folding failed; they come first next time."""
        self._unfolded.extendleft(reversed(records))

    @property
    def unfolded(self) -> int:
        """How many records wait for the database."""
        return len(self._unfolded)

    @property
    def all_folded(self) -> bool:
        """Whether every attempt has ended and been handed over for folding."""
        return not self._unfolded and not self._open

    @property
    def segment(self) -> int:
        """The number of the segment that is being written."""
        return self._number

    @property
    def oldest_unfolded(self) -> int:
        """The number of the first segment with a record that was not handed over, else of the one being written."""
        return self._unfolded[0][0] if self._unfolded else self._number

    def drop(self, number: int) -> None:
        """Removes a segment whose records are all in the database."""
        with suppress(FileNotFoundError):
            self._path(number).unlink()

    async def synced(self) -> None:
        """Returns when all that was written so far is on the disk; callers that wait together share one fsync."""
        wanted = self._written
        while self._durable < wanted:
            if self._syncing is None or self._syncing.done():
                self._syncing = asyncio.create_task(self._sync())
            await asyncio.shield(self._syncing)

    async def _sync(self) -> None:
        written, full, current = self._written, len(self._full), self._segment
        try:
            await asyncio.to_thread(self._sync_files, self._full[:full], current)
        except OSError as error:
            raise JournalUnavailable(
                f"the journal cannot be made durable: {error.strerror}", retry_after_s=5
            ) from error
        self._durable = written
        for segment in self._full[:full]:
            segment.close()
        del self._full[:full]

    def _sync_files(self, full: Sequence[Segment], current: Segment) -> None:
        for segment in (*full, current):
            segment.sync()
        if current.left < SEGMENT_BYTES // 2:
            with suppress(OSError), self._making:  # a disk that is full is told when the room is needed
                self._spare = self._spare or self._made(self._number + 1)

    def _next_segment(self) -> None:
        """Goes on in the next segment. The full one is closed once it is on the disk, so that nobody waits for that."""
        if self._closed:
            raise OSError(errno.EBADF, "it is closed")
        with self._making:
            fresh, self._spare = self._spare or self._made(self._number + 1), None
            self._full.append(self._segment)
            self._segment, self._number = fresh, self._number + 1

    def _made(self, number: int) -> Segment:
        return open_segment(self._path(number), SEGMENT_BYTES, mapped=self._mapped)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.log"

    def close(self, *, empty: bool) -> None:
        """Lets go of the files; with `empty`, when everything is in the database, removes them."""
        self._closed = True  # whoever comes late is told so
        for segment in (*self._full, self._segment):
            segment.close()
        if self._spare is not None:
            self._spare.close()
            self._path(self._number + 1).unlink()
        if empty:
            shutil.rmtree(self.folder)
        os.close(self._lock)


@asynccontextmanager
async def open_journal(root: Path, process_id: str) -> AsyncGenerator[Journal]:
    """The journal of this process below `root`; its folder goes away at the end if all of it was folded."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    new, final = root / f".new-{process_id}", root / process_id
    new.mkdir(mode=0o700)
    lock = os.open(new / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    new.rename(final)  # nobody ever sees it without its lock
    journal = Journal(final, lock)
    try:
        yield journal
    finally:
        with suppress(JournalUnavailable):
            await journal.synced()
        journal.close(empty=journal.all_folded)


@asynccontextmanager
async def abandoned(root: Path) -> AsyncGenerator[list[Path]]:
    """The journal folders whose process is gone, locked against other finders while the context lasts."""
    held: list[int] = []
    found: list[Path] = []
    try:
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            lock = _lock_of(folder)
            if lock is not None:
                held.append(lock)
                found.append(folder)
        yield found
    finally:
        for lock in held:
            os.close(lock)


def _lock_of(folder: Path) -> int | None:
    """The lock of a folder whose process is gone, else `None`.

    A folder that never got its name is swept away after a minute.
    """
    if folder.name.startswith("."):
        if time.time() - folder.stat().st_mtime > 60:
            shutil.rmtree(folder, ignore_errors=True)
        return None
    try:
        lock = os.open(folder / "lock", os.O_WRONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    if os.fstat(lock).st_nlink == 0:  # another finder was done with it first
        os.close(lock)
        return None
    return lock


def read_folder(folder: Path) -> Iterator[Record]:
    """All whole records of a process in the order they were written; a torn record ends its segment."""
    for path in sorted(folder.glob("*.log")):
        yield from read_segment(path)


def read_segment(path: Path) -> Iterator[Record]:
    """The whole records of a segment.

    A record that is short or whose checksum is wrong ends it: it was being written at the end. So do zeros: that is
    room which was taken beforehand.
    """
    decoder = msgspec.msgpack.Decoder(Record)
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return
        while len(frame := file.read(FRAME.size)) == FRAME.size:
            length, told = FRAME.unpack(frame)
            payload = file.read(length) if 0 < length <= _MOST_RECORD else b""
            if not payload or len(payload) != length or checksum(payload) != told:
                return
            yield decoder.decode(payload)


def remove_folder(folder: Path) -> None:
    """Removes the folder of a process whose records are all in the database."""
    shutil.rmtree(folder)
