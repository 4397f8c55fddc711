"""Where the house lives: its data directory, and what a running server wrote there."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelhall.domain.errors import SetupError

RUN_FILE = Path("run") / "server.json"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs on a data directory: where it listens, and the operator token of its start."""

    address: str
    token: str = field(repr=False)
    pid: int
    started_at: str
    page: str = ""
    """Where people reach it, if that is elsewhere."""
    certificate: str | None = None
    """The file of its certificate, where it speaks TLS itself."""


def data_directory(given: Path | None, environ: Mapping[str, str]) -> Path:
    """The data directory, found as the settings find it; loading those takes half a second. Raises SetupError."""
    told = str(given or "") or environ.get("MODELHALL_DATA") or _from_twin(environ.get("MODELHALL_DATA_FILE"))
    if told:
        return Path(told).expanduser()
    base = environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "modelhall"


def _from_twin(file: str | None) -> str:
    try:
        return Path(file).read_text("utf-8").strip() if file else ""
    except OSError as error:
        raise SetupError(f"MODELHALL_DATA_FILE cannot be read: {error.strerror}.") from error


def written_by_server(data: Path) -> Running | None:
    """What the last server wrote, alive or not; `None` when there is nothing. SetupError if it may not be read."""
    file = data / RUN_FILE
    try:
        told: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return Running(
            address=str(told["address"]),
            token=str(told["token"]),
            pid=int(told["pid"]),
            started_at=str(told["started_at"]),
            page=str(told.get("page", "")),
            certificate=told.get("certificate"),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise SetupError(f"{file} belongs to another user. Run this as the user who runs the server.") from None
    except (OSError, ValueError, KeyError, TypeError):
        # Half-written by a server that died, or not ours: nothing that could be asked.
        return None


def running_server(data: Path) -> Running | None:
    """The server that runs on this data directory now; `None` when none does. Raises SetupError."""
    written = written_by_server(data)
    return written if written is not None and is_alive(written.pid) else None


def is_alive(pid: int) -> bool:
    """Whether a process of that number lives."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
