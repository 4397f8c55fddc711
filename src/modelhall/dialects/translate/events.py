"""The data of one event after another, read as its dialect says."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from modelhall.dialects.told import loosely, utf8, with_letters
from modelhall.domain.errors import ProviderBroke

T = TypeVar("T")


class Events(Generic[T]):
    """Reads events. Small faults in one are mended, or the answer would go on without its words and look whole."""

    __slots__ = ("_decode", "_half")

    def __init__(self, decode: Callable[[bytes], T]) -> None:
        self._decode = decode
        self._half = ""
        """Half of a letter that the event before ended with: some servers count in halves of UTF-16 where they cut."""

    def read(self, data: bytes) -> T | None:
        """The event; `None` for what is no JSON and says nothing. Raises ProviderBroke for what cannot be told on."""
        try:
            try:
                found = self._decode(data)
            except msgspec.ValidationError:
                raise
            except (ValueError, RecursionError):
                return self._mended(data)
        except (msgspec.ValidationError, RecursionError) as exc:
            raise ProviderBroke(f"The provider's stream cannot be translated: {exc}") from exc
        if self._half:
            self._half = ""
        return found

    def _mended(self, data: bytes) -> T | None:
        found = loosely(utf8(data))
        return None if found is None else self._decode(msgspec.json.encode(with_letters(found, self._joined)))

    def _joined(self, text: str) -> str:
        if self._half and "\udc00" <= text[:1] <= "\udfff":
            text, self._half = self._half + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text
