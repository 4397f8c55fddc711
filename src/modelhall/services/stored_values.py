"""Values that are sent for parameters where a caller sends none: checked the same way, whoever stores them."""

from collections.abc import Callable, Mapping
from typing import cast

from modelhall.dialects.stored_values import EFFORT, LIMIT, Values
from modelhall.services.words import wrong

MOST_STOPS = 4
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def merged_values(old: Values, wishes: Values, place: str) -> dict[str, object]:
    """The values after these changes; null takes one away. Raises BadRequest, naming the parameter below `place`."""
    new = {**old, **{name: _checked(name, value, place) for name, value in wishes.items()}}
    return {name: value for name, value in sorted(new.items()) if value is not None}


def _checked(name: str, value: object, place: str) -> object:
    if name not in _PARAMETERS:
        raise wrong(f"{place}.{name[:40]}", f"there is no such parameter; there are {', '.join(_PARAMETERS)}")
    fits, words = _PARAMETERS[name]
    if value is not None and not fits(value):
        raise wrong(f"{place}.{name}", f"must be {words}")
    return int(value) if isinstance(value, float) and name == LIMIT else value


def _between(lowest: float, highest: float) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest

    return fits


def _count(value: object) -> bool:
    return _between(1, 10**9)(value) and value == int(cast("float", value))


def _stops(value: object) -> bool:
    if not isinstance(value, list):
        return False
    items = cast("list[object]", value)
    return 0 < len(items) <= MOST_STOPS and all(isinstance(each, str) and 0 < len(each) <= 200 for each in items)


_PARAMETERS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "temperature": (_between(0, 2), "a number from 0 to 2"),
    "top_p": (_between(0, 1), "a number from 0 to 1"),
    "frequency_penalty": (_between(-2, 2), "a number from -2 to 2"),
    "presence_penalty": (_between(-2, 2), "a number from -2 to 2"),
    LIMIT: (_count, "a whole number from 1 to 1,000,000,000"),
    "stop": (_stops, f"a list of 1 to {MOST_STOPS} texts"),
    EFFORT: (lambda value: value in EFFORTS, f"one of {', '.join(EFFORTS)}"),
}
"""By OpenAI's names: what fits, and in words."""
