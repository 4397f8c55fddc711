"""Values that are sent where a caller sends none: checked once, for models and for what people store for themselves."""

from collections.abc import Mapping
from dataclasses import replace

from modelhall.dialects.parameters import Number
from modelhall.domain.library import Model
from modelhall.providers.parameters import STORED, stored_of
from modelhall.services.words import wrong

RANGES: Mapping[str, tuple[Number, Number]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "max_tokens": (1, 10**9),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
}


def with_stored(model: Model, wishes: Mapping[str, Number | None]) -> Model:
    """The model with these changes to its stored values; `None` takes one away. Raises BadRequest."""
    stored = merged_values(stored_of(model), wishes)
    most = model.max_output or model.context_window
    if most is not None and stored.get("max_tokens", 0) > most:
        raise wrong("defaults.max_tokens", f"{model.public_name} writes at most {most} tokens")
    return model if stored == stored_of(model) else with_exactly(model, stored)


def with_exactly(model: Model, stored: Mapping[str, object]) -> Model:
    """The model with these stored values and no others."""
    rest = {name: word for name, word in model.parameters.items() if name != STORED}
    return replace(model, parameters={**rest, STORED: dict(stored)} if stored else rest)


def merged_values(old: Mapping[str, Number], wishes: Mapping[str, Number | None]) -> dict[str, Number]:
    """The values after these changes, each within its range. Raises BadRequest."""
    for name, value in wishes.items():
        if name not in RANGES:
            raise wrong("defaults", f"{name[:80]!r} cannot be stored; there are {', '.join(RANGES)}")
        lowest, highest = RANGES[name]
        if value is not None and not lowest <= value <= highest:
            raise wrong(f"defaults.{name}", f"must be {lowest} to {highest}")
        if name == "max_tokens" and isinstance(value, float):
            raise wrong(f"defaults.{name}", "must be a whole number")
    new = {**old, **wishes}
    return {name: value for name, value in sorted(new.items()) if value is not None}
