"""Where something stands in a file: by the names and numbers that lead to it, and on which line."""

import re
from typing import TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""Such as `("profile", 0, "base_url")`."""

_HEAD = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?")
_FIELD = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")
_PART = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([\w-]+)")


def toml_places(text: str) -> dict[Place, int]:
    """The line of each table and field of a TOML text. Lines within a text of several lines may be taken for fields,
    which costs nothing but a wrong number.
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    here: Place = ()
    for number, line in enumerate(text.split("\n"), 1):
        if (head := _HEAD.fullmatch(line[:1000])) is not None:
            here = _head_place(_parts(head[2]), len(head[1]) > 1, counts)
            found.setdefault(here, number)
        elif (field := _FIELD.match(line[:1000])) is not None:
            found.setdefault((*here, *_parts(field[1])), number)
    return found


def place_of(path: str) -> Place:
    """Out of a path as checks tell it: `$.profile[0].base_url`; `[...]` stands for any key and ends it."""
    found: list[str | int] = []
    for name, number, anything in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])", path):
        if anything:
            break
        found.append(int(number) if number else name)
    return tuple(found)


def _head_place(parts: Place, several: bool, counts: dict[Place, int]) -> Place:
    """The place that a head opens; a table below a list belongs to the list's last entry."""
    here: Place = ()
    for depth, part in enumerate(parts, 1):
        here = (*here, part)
        if depth == len(parts) and several:
            counts[here] = counts.get(here, 0) + 1
        if here in counts:
            here = (*here, counts[here] - 1)
    return here


def _parts(words: str) -> Place:
    return tuple(quoted or literal or bare for quoted, literal, bare in _PART.findall(words))
