"""The machine: which core is whose, what processes used of it, and its description without any path."""

from __future__ import annotations

import os
import platform
import re
import sysconfig
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# In /proc/PID/stat, counted behind the command's closing bracket.
SESSION, UTIME, STIME, CUTIME, CSTIME = 3, 11, 12, 13, 14


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores the gateway has for itself, and which the upstream and the load generator share."""

    gateway: frozenset[int]
    generator: frozenset[int]

    @property
    def apart(self) -> bool:
        """Whether the gateway is alone on its core."""
        return not self.gateway & self.generator


def split_cores() -> Cores:
    """The first core for the gateway, the second for the rest; with one core they share it."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(frozenset(allowed[:1]), frozenset(allowed[1:2] or allowed[:1]))


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used up to a moment, in seconds of one core."""

    own: float
    """By all processes of the gateway, user and system."""
    core: float
    """By everybody on the gateway's core, stolen time included."""
    at: float


def usage_of(session: int | None, cores: Cores) -> Usage:
    """What the processes of a session used so far; `None` stands for no process."""
    ticks = sum(sum(stat[UTIME : CSTIME + 1]) for stat in stats_of(session)) if session else 0
    return Usage(ticks / TICKS_PER_S, core_seconds(cores), time.monotonic())


def memory_mb(session: int) -> float:
    """What all processes of a session hold, in MB; what they share is counted once."""
    return sum(proportional_kb(pid) for pid in processes_of(session)) / 1000


def processes_of(session: int) -> list[int]:
    """The living processes of a session."""
    return [pid for pid in map(int, filter(str.isdigit, os.listdir(PROC))) if session_of(pid) == session]


def stats_of(session: int) -> list[list[int]]:
    """The counters of every living process of a session; ended children stand in their parent's."""
    return [stat for pid in processes_of(session) if (stat := stat_of(pid))]


def stat_of(pid: int) -> list[int]:
    """The counters of a process; empty when it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The state is a letter, all behind it are numbers.
    return [0, *map(int, text.rpartition(")")[2].split()[1:])]


def session_of(pid: int) -> int | None:
    """The session of a process; `None` when it is gone."""
    stat = stat_of(pid)
    return stat[SESSION] if stat else None


def proportional_kb(pid: int) -> int:
    """The memory of a process, pages it shares counted in part."""
    try:
        rollup = (PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) if found else 0


def core_seconds(cores: Cores) -> float:
    """What everybody used of the gateway's core so far."""
    used = 0
    for line in (PROC / "stat").read_text().splitlines():
        name, *figures = line.split()
        if name in {f"cpu{core}" for core in cores.gateway}:
            user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(int, figures)
            used += user + nice + system + irq + softirq + steal
    return used / TICKS_PER_S


def describe(cores: Cores) -> dict[str, str]:
    """What a reader needs to know to judge the figures."""
    cpuinfo = (PROC / "cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", (PROC / "meminfo").read_text(), re.MULTILINE)
    # A Python that was built without it takes up to a third more time for the same work.
    tuned = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    shared = "alone on its core" if cores.apart else "sharing the only core with upstream and generator"
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{model[1].strip() if model else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory[1]) / 1e6:.1f} GB" if memory else "unknown",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version() + ("" if tuned else " (built without --enable-optimizations)"),
        "gateway": shared,
    }
