"""The data directory and the disk it lies on."""

import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

from modelhall.cli.checks.finding import Finding

LITTLE, TOO_LITTLE = 1_000_000_000, 100_000_000


def data_directory(data: Path) -> Finding:
    """Whether it is there and may be written."""
    if not data.exists():
        nearest = nearest_that_exists(data)
        if not os.access(nearest, os.W_OK | os.X_OK):
            return Finding(
                "data",
                "bad",
                f"{data} is not there and cannot be made",
                f"Give this user the right to write {nearest}, or take another --data.",
            )
        return Finding("data", "ok", f"{data} is not there yet; the first start makes it")
    if not data.is_dir():
        return Finding("data", "bad", f"{data} is no directory", "Take another place: --data DIR or MODELHALL_DATA.")
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            "data",
            "bad",
            f"{data} may not be read and written by this user",
            f"Run as its owner, or: chown -R {os.getuid()} {data}",
        )
    return Finding("data", "ok", str(data))


def permissions(data: Path) -> Finding:
    """Whether others are kept out."""
    if not data.is_dir():
        return Finding("permissions", "ok", "nothing there yet")
    open_ones = [place for place in (data, data / "master.key", data / "run" / "server.json") if others_may(place)]
    if open_ones:
        told = ", ".join(str(place) for place in open_ones)
        return Finding(
            "permissions", "warn", f"other users may read {told}", f"chmod go-rwx {' '.join(map(str, open_ones))}"
        )
    return Finding("permissions", "ok", "other users are kept out")


def others_may(place: Path) -> bool:
    """Whether anybody but its owner may do something with it."""
    try:
        return bool(stat.S_IMODE(place.stat().st_mode) & 0o077)
    except OSError:
        return False


def lasting(data: Path, kind: str | None) -> Finding:
    """Whether it lies on a disk that lasts; `kind` is the temporary file system that it lies on."""
    if kind is None:
        return Finding("disk", "ok", "outlives a restart")
    return Finding(
        "disk",
        "warn",
        f"{data} lies on a temporary file system ({kind}): all is lost when the machine restarts",
        "Take a place on a disk: --data DIR or MODELHALL_DATA.",
    )


def room(data: Path, free: int | None = None) -> Finding:
    """Whether there is room left on the disk."""
    free = shutil.disk_usage(nearest_that_exists(data)).free if free is None else free
    told = f"{free / 1e9:.1f} GB free"
    if free < TOO_LITTLE:
        return Finding(
            "room", "bad", told, "Make room: without it no usage can be written down, and calls are refused."
        )
    return Finding("room", "warn" if free < LITTLE else "ok", told, "Make room soon." if free < LITTLE else "")


def newest_file(data: Path) -> datetime | None:
    """When something was last written there."""
    times = [place.stat().st_mtime for place in data.glob("*") if place.is_file()] if data.is_dir() else []
    return datetime.fromtimestamp(max(times), UTC) if times else None


def nearest_that_exists(place: Path) -> Path:
    """The place itself or the nearest folder above it."""
    absolute = place.absolute()
    return next(each for each in (absolute, *absolute.parents) if each.exists())
