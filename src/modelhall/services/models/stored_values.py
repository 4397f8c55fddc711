"""The values that are stored for a model, changed within what the model can do."""

from dataclasses import replace

from modelhall.dialects.stored_values import LIMIT, Values
from modelhall.domain.library import Model
from modelhall.providers.parameters import STORED, stored_of
from modelhall.services.stored_values import merged_values
from modelhall.services.words import wrong


def with_stored(model: Model, wishes: Values, place: str = "defaults") -> Model:
    """The model with these changes to its stored values; null takes one away. Raises BadRequest with the place."""
    stored = merged_values(stored_of(model), wishes, place)
    most, limit = model.max_output or model.context_window, stored.get(LIMIT)
    if most is not None and isinstance(limit, int) and limit > most:
        raise wrong(f"{place}.{LIMIT}", f"{model.public_name} writes at most {most} tokens")
    return model if stored == stored_of(model) else with_exactly(model, stored)


def with_exactly(model: Model, stored: Values) -> Model:
    """The model with these stored values and no others."""
    rest = {name: word for name, word in model.parameters.items() if name != STORED}
    return replace(model, parameters={**rest, STORED: dict(stored)} if stored else rest)
