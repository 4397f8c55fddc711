"""The file of the master key, and its successor while the key is being changed."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from modelhall.domain.errors import SetupError
from modelhall.storage.sealing import as_text, parse_master_key

NAME, NEXT, LOCK = "master.key", "master.key.next", "master.key.lock"


def read_key(data: Path, name: str = NAME) -> bytes | None:
    """The key in the file, which is closed to others; `None` when there is no such file. Raises SetupError."""
    file = data / name
    try:
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
        return parse_master_key(file.read_text())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"The master key file {file} cannot be read: {error}.") from error
    except SetupError as error:
        raise SetupError(f"The file {file} holds no master key. {error.message}") from error


def write_key(data: Path, name: str, secret: bytes) -> None:
    """Write a new file for its owner only, and see it on the disk. Raises SetupError when it is there already."""
    file = data / name
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SetupError(f"The master key file {file} cannot be made: {error.strerror}.") from error
    with os.fdopen(descriptor, "w") as out:
        out.write(as_text(secret) + "\n")
        out.flush()
        os.fsync(descriptor)
    sync_directory(data)


def put_next_in_place(data: Path, secret: bytes) -> None:
    """Make the successor the master key file, from memory if somebody removed it."""
    if read_key(data, NEXT) != secret:
        (data / NEXT).unlink(missing_ok=True)
        write_key(data, NEXT, secret)
    (data / NEXT).rename(data / NAME)
    sync_directory(data)


def drop_next(data: Path) -> None:
    """Remove a successor that never became valid."""
    (data / NEXT).unlink(missing_ok=True)
    sync_directory(data)


@contextmanager
def sole_hand_on_keys(data: Path) -> Generator[bool]:
    """Whether this process may rename and remove key files now; `False` while another one changes the master key."""
    lock = os.open(data / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)


def sync_directory(folder: Path) -> None:
    """See a new or renamed entry of the folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
