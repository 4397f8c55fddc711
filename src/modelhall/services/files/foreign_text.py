"""A stranger's TOML, YAML or JSON as plain values. Bombs are refused before they are built: size, width, depth."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any, Literal, cast

from modelhall.domain.errors import BadRequest, TooLarge
from modelhall.services.files.places import Place, toml_places
from modelhall.services.files.yaml_text import read_yaml

Form = Literal["toml", "yaml", "json"]

FORMS: Mapping[str, Form] = {"toml": "toml", "yaml": "yaml", "yml": "yaml", "json": "json"}
MOST_BYTES = 4_000_000
MOST_VALUES = 100_000
DEEPEST = 20
LARGEST = 2**63

_STRINGS_AND_COMMENTS = re.compile(
    r'"""[^"\\]*+(?:(?:\\.|"{1,2}+(?!"))[^"\\]*+)*+"{3,5}|'
    r"'''[^']*+(?:'{1,2}+(?!')[^']*+)*+'{3,5}|"
    r'"(?:[^"\\\n]++|\\.)*+"|'
    r"'[^'\n]*+'|#[^\n]*+",
    re.DOTALL,
)
_KEY_TOO_DEEP = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
_BRACKET = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Said:
    """What a text said, and on which line."""

    value: dict[str, Any]
    lines: Callable[[], Mapping[Place, int]] = field(default=dict[Place, int], repr=False)
    """By place, where it is known; looked for only when there is something to tell."""

    def line_of(self, place: Place) -> int | None:
        """The line of that place, or of the nearest around it."""
        lines = self.lines()
        return next((lines[place[:length]] for length in range(len(place), 0, -1) if place[:length] in lines), None)


def form_of(file: str, form: str | None = None) -> Form:
    """In which form a file of that name is written, unless it is said. Raises BadRequest."""
    ending = (form or file.rpartition(".")[2]).lower()
    found = FORMS.get(ending)
    if found is None:
        raise BadRequest(f"{file[:80]}: give a file that ends in .toml, .yaml or .json, or say the format")
    return found


def read_foreign(data: bytes, file: str, form: Form) -> Said:
    """The values of a text that anybody may have written: a table of texts, numbers, truth values, lists and tables.

    Raises BadRequest with the line, TooLarge. Takes at most half a second and 32 MB to refuse what is no configuration.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"{file}: a configuration has at most {MOST_BYTES // 10**6} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{file}: write it in UTF-8 (byte {error.start} is not)") from None
    try:
        said = {"toml": _toml, "yaml": _yaml, "json": _json}[form](text)
        _check(said.value)
    except (ValueError, RecursionError) as error:
        words = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise BadRequest(f"{file}: {words[:300]}") from None
    return said


def _toml(text: str) -> Said:
    _refuse_wide(text.count("\n") // 2)
    # What the reader goes through one by one in Python: quotes and escapes.
    _refuse_wide(max(text.count('"') + text.count("'"), 2 * text.count("\\")) // 4)
    bare = _STRINGS_AND_COMMENTS.sub("s", text)
    _refuse_wide(bare.count("=") + bare.count(",") + bare.count("["))
    if _KEY_TOO_DEEP.search(bare):
        raise RecursionError
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise RecursionError
    return Said(tomllib.loads(text), lambda: toml_places(text))


def _yaml(text: str) -> Said:
    value, lines = read_yaml(text, most=MOST_VALUES, deepest=DEEPEST)
    return Said(value, lambda: lines)


def _json(text: str) -> Said:
    _refuse_wide((text.count(",") + text.count("[") + text.count("{")) // 4)
    value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)
    if not isinstance(value, dict):
        raise ValueError("write a table of fields at the top")
    return Said(cast("dict[str, Any]", value))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice[:80]!r} is there twice")
    return read


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _refuse_wide(values: int) -> None:
    if values > MOST_VALUES:
        raise ValueError(f"a configuration has at most {MOST_VALUES:,} values")


def _check(whole: dict[str, Any]) -> None:
    """Raises ValueError, RecursionError; dates become text in place."""
    waiting: list[tuple[Any, int]] = [(whole, 1)]
    seen = 0
    while waiting:
        held, depth = waiting.pop()
        if depth > DEEPEST:
            raise RecursionError
        named = isinstance(held, dict)
        inner = [*cast("dict[str, Any]", held).items()] if named else [*enumerate(cast("list[Any]", held))]
        seen += len(inner)
        _refuse_wide(seen)
        for name, value in inner:
            _check_text(name)
            if isinstance(value, date) and not isinstance(value, datetime):
                held[name] = value.isoformat()
            elif isinstance(value, dict | list):
                waiting.append((cast("Any", value), depth + 1))
            else:
                _check_plain(name, value)


def _check_plain(name: object, value: object) -> None:
    _check_text(value)
    if isinstance(value, int | float) and (not isfinite(value) or abs(value) >= LARGEST):
        raise ValueError(f"{str(name)[:80]} is no number that can be kept")
    if not isinstance(value, str | int | float | None):
        raise ValueError(f"{str(name)[:80]}: write the time as text, in quotes")


def _check_text(value: object) -> None:
    if isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise ValueError("there is a character in it that no text holds")
