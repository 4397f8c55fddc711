"""Waiting for what other processes do."""

import asyncio
from collections.abc import Callable
from pathlib import Path


async def until(holds: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait until `holds`, or fail after `within_s`."""
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """True while the process runs; a zombie that nobody has reaped yet is dead."""
    return run_state(pid) not in ("", "Z")


def run_state(pid: int) -> str:
    """Linux's letter for what the process does (S sleeps, T is stopped, Z has ended), "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
