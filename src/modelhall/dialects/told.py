"""Vendors' usage objects, merged and read without ever failing the answer they came with."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from modelhall.dialects.dialect import UsageReader
from modelhall.domain.usage import ImpossibleUsage, Usage

MOST_VENDOR_USAGE = 2048
MOST_DIGITS = 40
IMPOSSIBLE = "impossible_usage"


class Told:
    """What a vendor told of its usage so far, possibly in several pieces."""

    __slots__ = ("_broken", "_object")

    def __init__(self) -> None:
        self._object: dict[str, Any] | None = None
        self._broken = False

    def take(self, told: object) -> None:
        """Takes a usage object; the last one that says anything counts."""
        if found := self._checked(told):
            self._object = found

    def merge(self, told: object) -> None:
        """Takes a further piece of one usage object: counts only grow, and a null takes nothing back."""
        if found := self._checked(told):
            try:
                self._object = found if self._object is None else _merged(self._object, found)
            except RecursionError:  # nobody's counts are nested a thousand deep
                self._broken = True

    def read(self, reads_usage: UsageReader) -> tuple[Usage | None, bytes | None, str | None]:
        """Usage, the vendor's own object as JSON (at most 2 kB), and the flaw for which the usage is not believed."""
        if self._object is None:
            return None, None, IMPOSSIBLE if self._broken else None
        vendor_usage = _as_json(self._object)
        try:
            return reads_usage(self._object), vendor_usage, None
        except ImpossibleUsage:
            return None, vendor_usage, IMPOSSIBLE

    def _checked(self, told: object) -> dict[str, Any]:
        if told is None:
            return {}
        if not isinstance(told, dict):
            self._broken = True
            return {}
        return cast("dict[str, Any]", told)


def _as_json(told: Mapping[str, Any]) -> bytes | None:
    try:
        text = msgspec.json.encode(told)
    except (ValueError, OverflowError, RecursionError):  # half of a surrogate pair, a number beyond 64 bits
        return None
    return text if len(text) <= MOST_VENDOR_USAGE else None


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = dict(old)
    for name, value in new.items():
        merged[name] = _more(merged.get(name), value)
    return merged


def _more(before: Any, value: Any) -> Any:
    if isinstance(value, dict) and isinstance(before, dict):
        return _merged(cast("dict[str, Any]", before), cast("dict[str, Any]", value))
    if isinstance(value, int) and isinstance(before, int) and value >= 0:
        return max(before, value)
    return cast("object", before if value is None else value)


def failure(error: object) -> bytes:
    """A vendor's error object as JSON; half of a surrogate pair in it is kept as an escape, as it came."""
    try:
        return msgspec.json.encode(error)
    except UnicodeEncodeError:
        return json.dumps(error, separators=(",", ":")).encode()
    except RecursionError:
        return b"null"


def loosely(data: bytes) -> object:
    """JSON as the standard library reads it: with NaN and numbers beyond a float, which must be seen to be refused.

    `None` when it cannot be read at all.
    """
    try:
        return json.loads(data, parse_int=_integer)
    except (ValueError, RecursionError):
        return None


def readable(data: bytes) -> bytes:
    """An answer as strict readers take it, which know neither NaN nor half letters: mended where it can be.

    The same object where there is nothing to mend.
    """
    whole = utf8(data)
    try:
        _SKIM(whole)
        if b"\\ud" not in whole and b"\\uD" not in whole:
            return whole
    except (ValueError, RecursionError):
        pass
    found = loosely(whole)
    try:
        return whole if found is None else msgspec.json.encode(with_letters(found, str))
    except RecursionError:
        return whole


_SKIM = msgspec.json.Decoder(msgspec.Raw).decode


def with_letters(value: object, joined: Callable[[str], str]) -> object:
    """A value out of JSON in which every text is `joined` first, and then holds U+FFFD for each half of a letter.

    Raises RecursionError for what is nested too deeply.
    """
    if isinstance(value, str):
        return joined(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {str(with_letters(name, str)): with_letters(each, joined) for name, each in members.items()}
    if isinstance(value, list):
        return [with_letters(each, joined) for each in cast("list[object]", value)]
    return value


def utf8(data: bytes) -> bytes:
    """The same bytes, with the letter for it (U+FFFD) in the place of what is no UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def _integer(digits: str) -> int | str:
    """An integer; one that is longer than any count stays a text, because reading it costs more than it is worth."""
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def group(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested object of counts; empty when it was not told. Raises ImpossibleUsage when it is something else."""
    value = usage.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ImpossibleUsage(f"{name} cannot be {value!r:.40}")
    return cast("dict[str, Any]", value)
