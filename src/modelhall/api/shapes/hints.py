"""Hints about models, on the wire."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Shape
from modelhall.services.models.hints import Hint, Kind


class HintShape(Shape):
    """One thing about one model."""

    model: str
    kind: Kind
    words: str
    to_do: Annotated[str, Field(description="A command, or what to decide.")]
    suggestion: Annotated[str | None, Field(description="Another model, in the library or still to be synced.")]


class HintsShape(Shape):
    """All of them, by the model's name."""

    items: list[HintShape]


def hints_of(found: Sequence[Hint]) -> HintsShape:
    """As they go out."""
    items = [
        HintShape(model=each.model, kind=each.kind, words=each.words, to_do=each.to_do, suggestion=each.suggestion)
        for each in found
    ]
    return HintsShape(items=items)
