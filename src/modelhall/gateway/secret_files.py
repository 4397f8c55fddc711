"""Provider keys in files: read below the operator's folder, or where the operator said; read again when they change."""

import asyncio
import os
import stat
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path, PurePosixPath

LARGEST = 16 * 1024
LOOK_S = 1.0

Stamp = tuple[int, int, int, int]
"""What tells one state of a file from the next: device, inode, time, size."""


class SecretFiles:
    """The files that keys are read from, and how each was when it was read last."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        """The setting `secrets_dir`: relative names are below it, and nowhere else."""
        self._seen: dict[str, Stamp | None] = {}

    def read(self, name: str) -> str | None:
        """The first line of the file of that name; `None` when it is not there, empty, too large, or may not be read.

        A relative name never leads out of the folder, neither by `..` nor by a link; an absolute one is the operator's.
        """
        place = self._place(name)
        text, stamp = (None, None) if place is None else _content(place)
        self._seen[name] = stamp
        return text

    def changed(self) -> list[str]:
        """The names of those that are not as they were when they were read; each is told once."""
        found: list[str] = []
        for name, seen in tuple(self._seen.items()):
            place = self._place(name)
            if (None if place is None else _stamp(place)) != seen:
                found.append(name)
                del self._seen[name]
        return found

    @asynccontextmanager
    async def watched(self, tell: Callable[[], None]) -> AsyncGenerator[None]:
        """Looks once a second while the context lasts, and tells when any of them changed."""
        task = asyncio.create_task(self._watch(tell))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self, tell: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._seen and self.changed():
                tell()

    def _place(self, name: str) -> Path | None:
        if PurePosixPath(name).is_absolute():
            return Path(name)
        if self.folder is None or ".." in PurePosixPath(name).parts:
            return None
        with suppress(OSError, RuntimeError):
            folder, place = self.folder.resolve(strict=True), (self.folder / name).resolve(strict=True)
            return place if place.is_relative_to(folder) else None
        return None


def _content(place: Path) -> tuple[str | None, Stamp | None]:
    try:
        # Not waiting: it may be a pipe.
        file = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None, None
    try:
        state = os.fstat(file)
        fits = stat.S_ISREG(state.st_mode) and state.st_size <= LARGEST
        raw = os.read(file, LARGEST) if fits else b""
    except OSError:
        return None, None
    finally:
        os.close(file)
    text = raw.decode("ascii").strip() if raw.isascii() else ""
    return text.partition("\n")[0].strip() or None, _stamp_of(state)


def _stamp(place: Path) -> Stamp | None:
    try:
        return _stamp_of(place.stat())
    except OSError:
        return None


def _stamp_of(state: os.stat_result) -> Stamp:
    return state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size
