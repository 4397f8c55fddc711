"""What a person knows of a model's parameters: kept with the model, and believed before every other source."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from modelhall.domain.library import Model, Told
from modelhall.providers.parameters import BY_PERSON
from modelhall.services.words import wrong

Wish = Mapping[str, object] | None
"""Of `taken`, `min`, `max` and `sent_as` those that are to change, `None` for unknown; no wish at all forgets it."""
MOST = 100
NEVER = frozenset({"model", "messages", "prompt", "input", "system", "stream", "stream_options", "tools"})
"""What is no parameter but the question itself, or the house's own business."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def own_parameters(model: Model) -> Mapping[str, Mapping[str, Any]]:
    """What a person said, by parameter: of `taken`, `min`, `max` and `sent_as` what is known."""
    return cast("Mapping[str, Mapping[str, Any]]", model.parameters.get(BY_PERSON, {}))


def with_wishes(model: Model, wishes: Mapping[str, Wish], today: str) -> Model:
    """The model with these changes to what a person said of it. Raises BadRequest."""
    kept = own_parameters(model)
    own = {name: dict(word) for name, word in kept.items()}
    for name, wish in wishes.items():
        _check_name(name)
        word = {} if wish is None else {**own.get(name, {}), **wish}
        own[name] = {field: value for field, value in word.items() if value is not None}
        _check(name, own[name])
    own = {name: word for name, word in sorted(own.items()) if word}
    if len(own) > MOST:
        raise wrong("parameters", f"at most {MOST} of them can be kept")
    if own == kept:
        return model
    sources = {**model.sources, f"parameters.{BY_PERSON}": Told(BY_PERSON, today)}
    return replace(model, parameters={**model.parameters, BY_PERSON: own}, sources=sources)


def _check_name(name: str) -> None:
    if name in NEVER or not _NAME.fullmatch(name):
        raise wrong("parameters", f"{name[:80]!r} is no name of a parameter")


def _check(name: str, word: Mapping[str, Any]) -> None:
    lowest, highest, other = word.get("min"), word.get("max"), word.get("sent_as")
    if lowest is not None and highest is not None and lowest > highest:
        raise wrong(f"parameters.{name}", f"no value is at least {lowest} and at most {highest}")
    if other is not None:
        _check_name(other)
    if word.get("taken") is False and len(word) > 1:
        raise wrong(f"parameters.{name}", "what is not taken has neither a range nor another name")
