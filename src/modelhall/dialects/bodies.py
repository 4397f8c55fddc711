"""Request bodies read at the edge: only the named fields, with errors that say which field is wrong."""

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from modelhall.domain.errors import BadRequest

T = TypeVar("T")

NULL = msgspec.Raw(b"null")
"""Stands for a field that was not sent."""

_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")
_MISSING = re.compile(r"missing required field `(?P<place>[^`]*)`")


def parsed(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw, where: str = "") -> T:
    """The body as the decoder's type. Raises BadRequest naming the field at fault, below `where`."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as exc:
        raise _wrong_field(str(exc), where) from exc
    except RecursionError as exc:
        raise BadRequest("The body is nested too deeply.") from exc
    except ValueError as exc:
        raise BadRequest(f"The body is not valid JSON: {exc}.") from exc


def said(raw: msgspec.Raw) -> bool:
    """Whether a field was sent with something in it: not null, not an empty list, not an empty object."""
    return bytes(raw) not in _EMPTY


def positive(value: int | None, name: str) -> int | None:
    """A count that may be left out. Raises BadRequest when it is zero or less."""
    if value is not None and value < 1:
        raise BadRequest(f"`{name}` must be at least 1.", details={"param": name})
    return value


def highest(values: Iterable[int | None]) -> int | None:
    """The highest of the limits that were set; zero and less stand for "no limit" with some servers."""
    return max((value for value in values if value is not None and value > 0), default=None)


_EMPTY = frozenset({b"null", b"[]", b"{}"})


def _wrong_field(text: str, where: str) -> BadRequest:
    found = _PLACE.search(text) or _MISSING.search(text)
    place = ".".join(part for part in (where, found["place"] if found else "") if part)
    reason = _PLACE.sub("", text)
    if not place:
        return BadRequest(f"The body must be a JSON object: {reason}.")
    return BadRequest(f"`{place}`: {reason}.", details={"param": place})
