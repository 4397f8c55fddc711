"""Who holds the data directory, and whether it lies on something that lasts."""

import fcntl
import os
from pathlib import Path

from modelhall.storage.datadir import LOCK, temporary_file_system


def holder_of(data: Path) -> str | None:
    """The number of the process that holds the directory now (`unknown` if it did not say); `None` when nobody does."""
    try:
        descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
    else:
        return None
    finally:
        os.close(descriptor)


def passing_file_system(folder: Path) -> str | None:
    """The kind of temporary file system the folder lies on; `None` when it outlives a restart."""
    return temporary_file_system(folder)
