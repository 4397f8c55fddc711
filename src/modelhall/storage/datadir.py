"""The data directory: made for its owner only, held by one server at a time, and looked at for what would lose it."""

import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from modelhall.domain.errors import SetupError
from modelhall.storage.sqlite import SAFE_WITH_MANY_WRITERS, version_in_use

LOCK = "lock"
TEMPORARY = frozenset({"tmpfs", "ramfs"})
MOUNTS = Path("/proc/self/mountinfo")


def prepare_data_dir(folder: Path) -> None:
    """Make the directory, or see that only its owner can look into it. Raises SetupError, saying what to do."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except (FileExistsError, NotADirectoryError) as error:
        raise SetupError(f"{folder} is not a directory. Give another one with --data.") from error
    except OSError as error:
        raise SetupError(
            f"The data directory {folder} cannot be made: {error.strerror}. Choose one with --data."
        ) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise SetupError(f"The data directory {folder} cannot be written. Change its owner, or choose one with --data.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        _close_to_others(folder)


@contextmanager
def lock_data_dir(folder: Path) -> Generator[int]:
    """Hold the directory. Raises SetupError when another process holds it; one that died holds nothing.

    Gives the descriptor that holds it: whoever inherits it holds the directory as well, until all of them are gone.
    """
    descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise SetupError(_in_use(folder, holder)) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def temporary_file_system(folder: Path, mounts: str | None = None) -> str | None:
    """The kind of temporary file system that the directory is on, such as `tmpfs`; `None` when it outlives a restart.

    `mounts` is the text of Linux's mountinfo; elsewhere nothing is known, and nothing is said.
    """
    kind = file_system_of(folder, mounts)
    return kind if kind in TEMPORARY else None


def file_system_of(folder: Path, mounts: str | None = None) -> str:
    """The kind of file system that the directory is on, such as `ext4`; empty when it cannot be known."""
    if mounts is None:
        mounts = MOUNTS.read_text(errors="replace") if MOUNTS.exists() else ""
    place, kind = folder.resolve(), ""
    longest = -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        mounted = Path(fields[4].encode().decode("unicode_escape"))
        # The last of several mounts on one place is the one that is seen.
        if place.is_relative_to(mounted) and len(mounted.parts) >= longest:
            longest, kind = len(mounted.parts), after.split(" ")[0]
    return kind


def refuse_several_on_old_sqlite(processes: int, version: tuple[int, ...] | None = None) -> None:
    """Raises SetupError when more than one process is to write a SQLite database with a library too old for that."""
    version = version or version_in_use()
    if processes > 1 and version < SAFE_WITH_MANY_WRITERS:
        has, needs = (".".join(map(str, numbers)) for numbers in (version, SAFE_WITH_MANY_WRITERS))
        raise SetupError(
            f"SQLite {has} can damage a database that several processes write; {needs} is needed. "
            "Run one process (--workers 1), use PostgreSQL (DATABASE_URL), or install the pysqlite3 package."
        )


def _in_use(folder: Path, holder: str) -> str:
    if holder.isdecimal() and not _is_alive(int(holder)):
        return (
            f"The data directory {folder} is in use by workers of a server that was killed (process {holder}); "
            "they finish their calls and end within seconds. Try again then."
        )
    return f"The data directory {folder} is in use by process {holder}. Stop it, or choose another with --data."


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _close_to_others(folder: Path) -> None:
    """A directory of ours is closed; one that holds other things stays as it is, because others may need it."""
    ours = (folder / LOCK).exists() or not any(folder.iterdir())
    if not ours or folder.stat().st_uid != os.geteuid():
        raise SetupError(f"Others can look into the data directory {folder}. Run: chmod 700 {folder}")
    folder.chmod(0o700)
