"""What programs import: the library through the same door as the commands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelhall.cli.client import Object
from modelhall.cli.options import Common
from modelhall.cli.reach import house


def add_model(model: Mapping[str, Any], data: Path | None) -> Object:
    """The model as it was taken. Raises the house's own errors."""
    with house(Common(data=data)) as client:
        return client.send("POST", "/models", dict(model))


def list_models(data: Path | None) -> list[Object]:
    """All models of the library."""
    with house(Common(data=data)) as client:
        return client.items("/models")
