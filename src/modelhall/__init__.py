"""Modelhall: a self-hosted model library and gateway for language models."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__version__ = "0.1.0"
__all__ = ["add_model", "list_models"]


def add_model(model: Mapping[str, Any], *, data: Path | None = None) -> dict[str, Any]:
    """Add a model that you describe, in any form that `POST /api/v1/models` takes; gives it as it is then.

    `data`: the data directory; otherwise `MODELHALL_DATA`, otherwise your own. Raises the house's own errors.
    """
    # Loaded only now: to import the package costs nothing and does nothing.
    return importlib.import_module("modelhall.cli.package").add_model(model, data)


def list_models(*, data: Path | None = None) -> list[dict[str, Any]]:
    """All models of the library, as `GET /api/v1/models` gives them. Raises the house's own errors."""
    return importlib.import_module("modelhall.cli.package").list_models(data)
