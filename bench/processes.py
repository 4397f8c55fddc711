"""Starts a program on its core with a clean environment, and stops it whatever happens."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

STOP_S = 40
PR_SET_PDEATHSIG = 1


class BenchError(Exception):
    """The run cannot go on; the message says why and what to do."""


@contextmanager
def running(
    command: Sequence[str], cores: frozenset[int], log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """The program, for as long as the context lasts, in a session of its own; it also ends when we are killed."""
    libc = ctypes.CDLL(None)

    def settle() -> None:
        os.sched_setaffinity(0, cores)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    with log.open("ab") as written:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            env=clean_environment(log.parent) | dict(environment),
            cwd=log.parent,
            start_new_session=True,
            preexec_fn=settle,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and end its whole group when it does not."""
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def clean_environment(home: Path) -> dict[str, str]:
    """Nothing of this machine's own settings, keys or proxies."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8", "TMPDIR": str(home)}


def tail(log: Path, lines: int = 15) -> str:
    """The end of what a program said."""
    said = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(said[-lines:])


def free_port(count: int = 1) -> int:
    """The first of some free ports in a row on loopback. Raises BenchError."""
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
            try:
                for further in range(1, count):
                    socket.create_server(("127.0.0.1", port + further)).close()
            except (OSError, OverflowError):
                continue
        return port
    raise BenchError(f"no {count} free ports in a row on 127.0.0.1")
