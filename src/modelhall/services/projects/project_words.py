"""What a person may set of a project, checked the same way when it is created and when it is edited."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from modelhall.domain.errors import BadRequest
from modelhall.services.connection import Connection
from modelhall.services.models.find_model import find_model
from modelhall.services.words import wrong

MOST_MODELS = 1000
MOST_STOPS = 4
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def _between(lowest: float, highest: float) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest

    return fits


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10_000_000


def _stops(value: object) -> bool:
    if not isinstance(value, list):
        return False
    items = cast("list[object]", value)
    return 0 < len(items) <= MOST_STOPS and all(isinstance(each, str) and 0 < len(each) <= 200 for each in items)


PARAMETERS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "temperature": (_between(0, 2), "a number from 0 to 2"),
    "top_p": (_between(0, 1), "a number from 0 to 1"),
    "frequency_penalty": (_between(-2, 2), "a number from -2 to 2"),
    "presence_penalty": (_between(-2, 2), "a number from -2 to 2"),
    "max_tokens": (_count, "a count of 1 or more"),
    "stop": (_stops, f"a list of 1 to {MOST_STOPS} texts"),
    "reasoning_effort": (lambda value: value in EFFORTS, f"one of {', '.join(EFFORTS)}"),
}
"""By OpenAI's names: what fits, and in words."""


def checked_parameters(given: Mapping[str, object]) -> dict[str, object]:
    """The parameters that are set, those that are null left out. Raises BadRequest."""
    for name, value in given.items():
        if name not in PARAMETERS:
            raise wrong(f"parameters.{name[:40]}", f"a project can set {', '.join(PARAMETERS)}")
        fits, words = PARAMETERS[name]
        if value is not None and not fits(value):
            raise wrong(f"parameters.{name}", f"must be {words}")
    return {name: value for name, value in sorted(given.items()) if value is not None}


async def model_ids(
    connection: Connection, organisation_id: str, names: Sequence[str] | None
) -> tuple[str, ...] | None:
    """Library ids of these public names, each once. Raises BadRequest, UnknownModel."""
    if names is None:
        return None
    if len(names) > MOST_MODELS:
        raise BadRequest(f"models: at most {MOST_MODELS} names; without any, keys may call every active model")
    found = [await find_model(connection, organisation_id, name) for name in names]
    return tuple(dict.fromkeys(model.id for model in found))


async def default_id(
    connection: Connection, organisation_id: str, name: str | None, allowed: Sequence[str] | None
) -> str | None:
    """The library id of the default, which must be among the allowed. Raises BadRequest, UnknownModel."""
    if name is None:
        return None
    model = await find_model(connection, organisation_id, name)
    if allowed is not None and model.id not in allowed:
        raise wrong("default_model", f"{model.public_name} is not among the project's models; add it to them")
    return model.id
