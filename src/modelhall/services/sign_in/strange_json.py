"""JSON from strangers who must be understood in one way only: bounded, no name twice, no number that is none."""

import json
import re
from collections.abc import Mapping

DEEPEST = 16
_BRACKETS = re.compile(rb"[^\[\]{}]+")


def strange_object(text: bytes) -> Mapping[str, object]:
    """The object that the text holds, in UTF-8. Raises ValueError for anything else."""
    if not _is_shallow(text):
        raise ValueError("nested too deeply")
    try:
        found: object = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found  # pyright: ignore[reportUnknownVariableType] - an object of JSON has texts for names


def _is_shallow(text: bytes) -> bool:
    """Counts what opens, also within texts: nobody who means well has that many there."""
    depth = 0
    for sign in _BRACKETS.sub(b"", text):
        if sign in b"[{":
            depth += 1
            if depth > DEEPEST:
                return False
        else:
            depth -= 1
    return True


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
