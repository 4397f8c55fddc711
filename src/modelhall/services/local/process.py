"""One run of the engine: starts the child, waits until it answers, and never leaves it behind."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from modelhall.domain.errors import EngineFailed
from modelhall.gateway.engine import EngineAddress
from modelhall.services.local.folder import weights_in
from modelhall.services.local.status import CONTEXT_TOKENS, MODEL, SLOTS

CHILD = Path(__file__).with_name("child.py")
START_WITHIN_S = 120.0
STOP_WITHIN_S = 3.0
HEALTH_EVERY_S = 0.05
HEALTH_WITHIN_S = 2.0
CHILD_MAY_SEE = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


@dataclass(frozen=True, slots=True)
class EngineProcess:
    """A child that answers."""

    address: EngineAddress
    version: str
    process: asyncio.subprocess.Process
    last_words: deque[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    async def ended(self) -> str:
        """Wait for its end; returns why, in words."""
        return _ending(await self.process.wait(), self.last_words)


@asynccontextmanager
async def engine_process(folder: Path, *, python: str = sys.executable) -> AsyncGenerator[EngineProcess]:
    """A running, answering engine out of `folder`; stopped at the end. Raises EngineFailed when it does not start."""
    api_key = secrets.token_urlsafe(32)
    process = await _spawn(python)
    last_words: deque[str] = deque(maxlen=12)
    listener = asyncio.create_task(_listen(process, last_words))
    try:
        origin, version = await _started(process, folder, api_key, last_words)
        yield EngineProcess(EngineAddress(origin, api_key), version, process, last_words)
    finally:
        await _stop(process)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


async def _spawn(python: str) -> asyncio.subprocess.Process:
    """-I -S and by path: nothing of the environment gets in, and the start takes a moment only.

    The pipe to its stdin is the child's life line: when we die in whatever way, it reads the end and leaves.
    """
    try:
        return await asyncio.create_subprocess_exec(
            *(python, "-I", "-S", str(CHILD)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in CHILD_MAY_SEE if name in os.environ},
            start_new_session=True,
        )
    except OSError as exc:
        raise EngineFailed(f"the built-in model's process cannot be started: {exc}") from exc


async def _started(
    process: asyncio.subprocess.Process, folder: Path, api_key: str, last_words: deque[str]
) -> tuple[str, str]:
    """Its origin and version, once it answers."""
    try:
        async with asyncio.timeout(START_WITHIN_S):
            await _give_orders(process, folder, api_key)
            origin, version = await _first_words(process, last_words)
            await _until_healthy(origin)
    except TimeoutError as exc:
        raise EngineFailed(f"the built-in model did not start within {START_WITHIN_S:.0f} s") from exc
    return origin, version


async def _give_orders(process: asyncio.subprocess.Process, folder: Path, api_key: str) -> None:
    stdin = cast(asyncio.StreamWriter, process.stdin)
    orders = {
        "folder": str(folder),
        "weights": str(weights_in(folder)),
        "model": MODEL,
        "api_key": api_key,
        "slots": SLOTS,
        "context": SLOTS * CONTEXT_TOKENS,
    }
    stdin.write(json.dumps(orders).encode() + b"\n")
    try:
        await stdin.drain()
    except ConnectionError:
        return  # It died at once; reading its first words tells why.


async def _first_words(process: asyncio.subprocess.Process, last_words: deque[str]) -> tuple[str, str]:
    line = await cast(asyncio.StreamReader, process.stdout).readline()
    if not line:
        raise EngineFailed(f"the built-in model did not start: {_ending(await process.wait(), last_words)}")
    said: dict[str, str] = json.loads(line)
    if "error" in said:
        raise EngineFailed(f"the built-in model did not start: {said['error']}{_hint(said['error'])}")
    return said["origin"], said["version"]


def _hint(error: str) -> str:
    if "libgomp" in error:
        return "; install the system library libgomp (`apt install libgomp1`, on Fedora `dnf install libgomp`)"
    return ""


async def _until_healthy(origin: str) -> None:
    while not await _is_healthy(origin):
        await asyncio.sleep(HEALTH_EVERY_S)


async def _is_healthy(origin: str) -> bool:
    where = urlsplit(origin)
    try:
        async with asyncio.timeout(HEALTH_WITHIN_S):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            try:
                writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except OSError:  # TimeoutError is one of them.
        return False


async def _listen(process: asyncio.subprocess.Process, last_words: deque[str]) -> None:
    """Keep reading what the engine logs, or it would stop at a full pipe; only the last lines matter."""
    stderr = cast(asyncio.StreamReader, process.stderr)
    while chunk := await stderr.read(8192):
        last_words.extend(chunk.decode(errors="replace").splitlines())


async def _stop(process: asyncio.subprocess.Process) -> None:
    cast(asyncio.StreamWriter, process.stdin).close()
    with suppress(ProcessLookupError):
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def _ending(code: int, last_words: deque[str]) -> str:
    if code == -signal.SIGILL:
        return "this processor lacks instructions that the engine needs; use a provider's key or Ollama instead"
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"left with code {code}"
    return f"it {how}" + (f" ({last_words[-1].strip()})" if last_words else "")
