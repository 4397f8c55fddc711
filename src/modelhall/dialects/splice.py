"""Changes members of a JSON object in place: every byte that need not change stays as the caller wrote it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import msgspec

from modelhall.domain.errors import BadRequest

_HEAD = re.compile(rb'[ \t\n\r]*\{[ \t\n\r]*"model"[ \t\n\r]*:[ \t\n\r]*("[^"\\]*")')
_VALUE_AFTER_KEY = re.compile(rb'"model"[ \t\n\r]*:[ \t\n\r]*("[^"\\]*")')
_END = re.compile(rb"[ \t\n\r]*\}")
_BLANK = re.compile(r"[ \t\n\r]*")


class _Model(msgspec.Struct):
    model: str | None = None


_ABSENT = msgspec.Raw(b"")


_READ_MODEL = msgspec.json.Decoder(_Model)


def with_model(body: bytes, model: str) -> bytes:
    """The object with its own member `model` set, never one deeper down. `body` is a valid JSON object."""
    value = msgspec.json.encode(model)
    found = _HEAD.match(body) or _only_one(body)
    if found:
        spliced = body[: found.start(1)] + value + body[found.end(1) :]
        # Readers take the last of two equal names, so this also catches a second `model` further on.
        if _READ_MODEL.decode(spliced).model == model:
            return spliced
    return with_member(body, "model", value)


def with_member(body: bytes, name: str, value: bytes) -> bytes:
    """The object with its own member `name` set to the JSON `value`: replaced wherever it stands, else put in front."""
    spans = [(member.start, member.end) for member in members(body) if member.name == name] if _has(body, name) else []
    return _replaced(body, spans, value) if spans else _put_in_front(body, name, value)


def with_member_in(body: bytes, outer: str, name: str, value: bytes) -> bytes:
    """As `with_member`, inside the object `outer`, which is made where it is missing or null."""
    if not _has(body, outer):
        return _put_in_front(body, outer, _put_in_front(b"{}", name, value))
    inner = next((body[member.start : member.end] for member in members(body) if member.name == outer), b"null")
    return with_member(body, outer, with_member(b"{}" if inner == b"null" else inner, name, value))


def without_value(body: bytes, *path: str | int) -> bytes:
    """The value with the one at `path` set to null; as it is when there is none. Names and positions lead to it."""
    offset, part = 0, body
    for step in path:
        found = next((member for member in members(part) if member.name == step), None)
        if found is None:
            return body
        offset, part = offset + found.start, part[found.start : found.end]
    return body[:offset] + b"null" + body[offset + len(part) :]


def without_member(body: bytes, name: str) -> bytes:
    """The object without its own member `name`, wherever and however often it stands; the same object without one."""
    if not _has(body, name):
        return body
    found = list(members(body))
    if all(member.name != name for member in found):
        return body
    start = at = body.index(b"{") + 1
    kept: list[bytes] = []
    for member in found:
        if member.name != name:
            piece = body[at : member.end]
            # Each piece but the very first begins with a comma; the first one that stays must not have one.
            kept.append(piece if kept or at == start else piece.lstrip(b" \t\n\r").removeprefix(b","))
        at = member.end
    return b"".join((body[:start], *kept, body[at:]))


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object or item of an array: its name or position, and where its value stands."""

    name: str | int
    start: int
    end: int


def members(body: bytes) -> Iterator[Member]:
    """The members of the outermost object or array, in order, equal names one after another. Raises BadRequest."""
    # Latin-1 keeps one character per byte, so that positions in the text are positions in the bytes.
    text = body.decode("latin-1")
    try:
        yield from _members(text)
    except (ValueError, IndexError, RecursionError) as exc:
        raise BadRequest("The body is not a JSON object.") from exc


def _members(text: str) -> Iterator[Member]:
    at = _skip(text, 0)
    opening = text[at]
    if opening not in "{[":
        raise ValueError("neither an object nor an array")
    closing, position = ("}" if opening == "{" else "]"), 0
    at = _skip(text, at + 1)
    while text[at] != closing:
        name: str | int = position
        if opening == "{":
            name, at = _SCANNER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        _, end = _SCANNER.raw_decode(text, at)
        yield Member(name, at, end)
        position += 1
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _nothing(_: object) -> None:
    return None


# Only the end of a value matters, so nothing is kept of what is inside.
_SCANNER = json.JSONDecoder(
    object_pairs_hook=_nothing, parse_float=_nothing, parse_int=_nothing, parse_constant=_nothing, strict=False
)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _only_one(body: bytes) -> re.Match[bytes] | None:
    """The value of the only place that says `"model"`; none when a name may be written with escapes."""
    if body.count(b'"model"') != 1 or b"\\u006" in body:
        return None
    return _VALUE_AFTER_KEY.search(body)


def _has(body: bytes, name: str) -> bool:
    """Whether the object has this member, however its name is written; spares the walk through a large body."""
    try:
        return getattr(_finder(name).decode(body), "value", None) is not _ABSENT
    except (ValueError, RecursionError):
        return True


@cache
def _finder(name: str) -> msgspec.json.Decoder[msgspec.Struct]:
    """A reader that looks for one name; there are as many as fields that the house sets."""
    return msgspec.json.Decoder(msgspec.defstruct("Found", [("value", msgspec.Raw, _ABSENT)], rename={"value": name}))


def _put_in_front(body: bytes, name: str, value: bytes) -> bytes:
    start = body.index(b"{") + 1
    comma = b"" if _END.match(body, start) else b","
    return b"".join((body[:start], msgspec.json.encode(name), b":", value, comma, body[start:]))


def _replaced(body: bytes, spans: list[tuple[int, int]], value: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    for start, end in spans:
        parts += (body[at:start], value)
        at = end
    parts.append(body[at:])
    return b"".join(parts)
