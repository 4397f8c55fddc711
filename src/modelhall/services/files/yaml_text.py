"""YAML as plain values, with the line of each: no aliases, no tags, no key twice, words as in YAML 1.2."""

import re
from importlib import import_module
from typing import Any, cast

from modelhall.services.files.places import Place

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {**dict.fromkeys(("true", "True", "TRUE"), True), **dict.fromkeys(("false", "False", "FALSE"), False)}
_WHOLE = re.compile(r"[-+]?[0-9]{1,40}")
_BROKEN = re.compile(r"[-+]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,3})?")


def read_yaml(text: str, *, most: int, deepest: int) -> tuple[dict[str, Any], dict[Place, int]]:
    """The table at the top, and the line of each place. Raises ValueError with the line, RecursionError.

    `most`: values it may hold; `deepest`: how deep they may lie.
    """
    # Loaded when it is first needed: most starts never read YAML.
    yaml = import_module("yaml")
    builder = _Builder(most, deepest)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(type(event).__name__, event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"{line}{getattr(error, 'problem', None) or 'this is no YAML'}") from None
    if not isinstance(builder.top, dict):
        raise ValueError("write a table of fields at the top")
    return cast("dict[str, Any]", builder.top), builder.lines


class _Builder:
    """Builds values out of the parser's events, and stops at the first that does not belong there."""

    def __init__(self, most: int, deepest: int) -> None:
        self.most, self.deepest = most, deepest
        self.top: Any = None
        self.lines: dict[Place, int] = {}
        self._open: list[dict[str, Any] | list[Any]] = []
        self._place: list[str | int] = []
        self._key: str | None = None
        self._documents = 0

    def take(self, kind: str, event: Any) -> None:
        """One event."""
        line = event.start_mark.line + 1
        if kind == "AliasEvent" or getattr(event, "anchor", None) is not None:
            raise ValueError(f"line {line}: anchors and aliases are not read; write the value out")
        if getattr(event, "tag", None) is not None:
            raise ValueError(f"line {line}: tags such as {str(event.tag)[:40]!r} are not read")
        if kind == "ScalarEvent":
            self._scalar(event, line)
        elif kind == "MappingStartEvent":
            self._start({}, line)
        elif kind == "SequenceStartEvent":
            self._start([], line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()
            if self._place:
                self._place.pop()
        elif kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise ValueError(f"line {line}: write one document")

    def _scalar(self, event: Any, line: int) -> None:
        within = self._open[-1] if self._open else None
        if isinstance(within, dict) and self._key is None:
            if event.value in within:
                raise ValueError(f"line {line}: the field {event.value[:80]!r} is there twice")
            self._key = event.value
            self.lines[(*self._place, event.value)] = line
            return
        # Only words without quotes may mean something else than their letters.
        self._put(_meant(event.value) if event.implicit[0] else event.value, line)
        self._place_left()

    def _start(self, holder: dict[str, Any] | list[Any], line: int) -> None:
        if len(self._open) >= self.deepest:
            raise RecursionError
        if self._open and isinstance(self._open[-1], dict) and self._key is None:
            raise ValueError(f"line {line}: a field's name is a word")
        self._put(holder, line)
        self._open.append(holder)

    def _put(self, value: Any, line: int) -> None:
        """Into the table or list that is open; afterwards its place is the current one."""
        if len(self.lines) >= self.most:
            raise ValueError(f"a configuration has at most {self.most:,} values")
        if not self._open:
            self.top = value
            return
        within = self._open[-1]
        if isinstance(within, dict):
            self._place.append(cast("str", self._key))
            within[cast("str", self._key)] = value
            self._key = None
        else:
            self._place.append(len(within))
            within.append(value)
        self.lines.setdefault(tuple(self._place), line)

    def _place_left(self) -> None:
        if self._place:
            self._place.pop()


def _meant(word: str) -> str | int | float | bool | None:
    """A word without quotes, as YAML 1.2 reads it: `no` is a text."""
    if word in _NULL:
        return None
    if word in _TRUTH:
        return _TRUTH[word]
    if _WHOLE.fullmatch(word):
        return int(word)
    return float(word) if _BROKEN.fullmatch(word) else word
