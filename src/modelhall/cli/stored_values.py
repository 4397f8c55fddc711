"""Values that are stored for parameters, as they are written and shown on the command line."""

import json
from collections.abc import Iterable

from modelhall.cli.client import Object
from modelhall.cli.options import wrong


def given_values(lines: Iterable[str], option: str) -> Object:
    """Names and values of `temperature=0.2`; `=none`, or nothing after `=`, takes one away. Raises CycloptsError."""
    return dict(_split(line, option) for line in lines)


def shown_values(values: Object) -> str | None:
    """All of them on one line."""
    return ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items()) or None


def _split(line: str, option: str) -> tuple[str, object]:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals or not name:
        raise wrong(f"{option} is written PARAMETER=VALUE, or PARAMETER=none, not {line!r}.")
    if not value or (value == "none" and name != "reasoning_effort"):  # there it is an effort
        return name, None
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
