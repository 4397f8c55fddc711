"""Reads JSON objects field by field, with the place of every fault, and knows what nobody asked for."""

from typing import TypeVar

import msgspec

from modelhall.dialects.bodies import parsed
from modelhall.domain.errors import BadRequest

T = TypeVar("T")

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_WHOLE = msgspec.json.Decoder(int)
_NUMBER = msgspec.json.Decoder(int | float)
_FLAG = msgspec.json.Decoder(bool)
_TEXTS = msgspec.json.Decoder(list[str])
_EMPTY = frozenset({b"null", b"[]", b"{}", b'""', b"false"})


class Fields:
    """One JSON object. Each field is taken at most once; null is the same as not sent."""

    __slots__ = ("_members", "label", "where")

    def __init__(self, raw: msgspec.Raw | bytes, where: str = "", label: str = "") -> None:
        """`where` is the exact place (`messages[3]`), `label` the kind of place (`messages`). Raises BadRequest."""
        self.where = where
        self.label = label
        self._members = parsed(_OBJECT, raw, where)

    def __contains__(self, name: str) -> bool:
        return self.peek(name) is not None

    def text(self, name: str) -> str | None:
        return self._as(_TEXT, name)

    def needed(self, name: str) -> str:
        """A text that must be there."""
        found = self.text(name)
        if found is None:
            raise self.fault(name, "is missing")
        return found

    def whole(self, name: str) -> int | None:
        return self._as(_WHOLE, name)

    def number(self, name: str) -> float | None:
        return self._as(_NUMBER, name)

    def flag(self, name: str) -> bool | None:
        return self._as(_FLAG, name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or a single one."""
        raw = self.peek(name)
        if raw is None:
            return ()
        if is_text(raw):
            return (self.needed(name),)
        return tuple(self._as(_TEXTS, name) or ())

    def peek(self, name: str) -> msgspec.Raw | None:
        """A field's value as it was written, left where it is."""
        raw = self._members.get(name)
        return None if raw is None or bytes(raw) == b"null" else raw

    def raw(self, name: str) -> msgspec.Raw | None:
        """A field's value as it was written."""
        found = self.peek(name)
        self._members.pop(name, None)
        return found

    def json(self, name: str) -> bytes | None:
        """A field's value as it was written, to be kept."""
        raw = self.raw(name)
        return None if raw is None else bytes(raw)

    def inner(self, name: str) -> "Fields | None":
        """An object within."""
        raw = self.raw(name)
        return None if raw is None else Fields(raw, self._place(name), self._kind(name))

    def items(self, name: str) -> list["Fields"]:
        """A list of objects within; empty where nothing was sent."""
        raw = self.raw(name)
        return [] if raw is None else items_of(raw, self._place(name), self._kind(name))

    def skip(self, *names: str) -> None:
        """Takes fields that say nothing."""
        for name in names:
            self._members.pop(name, None)

    def rest(self) -> dict[str, bytes]:
        """What nobody took and that says something."""
        return {name: bytes(raw) for name, raw in self._members.items() if bytes(raw) not in _EMPTY}

    def rest_names(self) -> tuple[str, ...]:
        """The kinds of places of what nobody took."""
        return tuple(self._kind(name) for name in self.rest())

    def fault(self, name: str, why: str) -> BadRequest:
        """The error for a field of this object."""
        place = self._place(name) if name else self.where
        return BadRequest(f"`{place}` {why}.", details={"param": place})

    def _as(self, decoder: msgspec.json.Decoder[T], name: str) -> T | None:
        raw = self.raw(name)
        return None if raw is None else parsed(decoder, raw, self._place(name))

    def _place(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _kind(self, name: str) -> str:
        return f"{self.label}.{name}" if self.label else name


def items_of(raw: msgspec.Raw, where: str, label: str) -> list[Fields]:
    """The objects of a list."""
    return [Fields(item, f"{where}[{at}]", label) for at, item in enumerate(parsed(_LIST, raw, where))]


def is_text(raw: msgspec.Raw) -> bool:
    """Whether a value is a text."""
    return memoryview(raw)[0] == _QUOTE


_QUOTE = ord('"')


def as_text(raw: msgspec.Raw, where: str) -> str:
    """A value that must be a text."""
    return parsed(_TEXT, raw, where)
