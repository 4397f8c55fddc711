"""The data of one event of a stream, read as its dialect says."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from modelhall.dialects.told import mended
from modelhall.domain.errors import ProviderBroke

T = TypeVar("T")


def read_event(decode: Callable[[bytes], T], data: bytes) -> T | None:
    """The event; `None` for what is no JSON, which says nothing. Raises ProviderBroke for what cannot be told on.

    Small faults are mended, or the answer would go on without the words of this event and look whole.
    """
    try:
        try:
            return decode(data)
        except msgspec.ValidationError:
            raise
        except (ValueError, RecursionError):
            found = mended(data)
            return None if found is None else decode(found)
    except (msgspec.ValidationError, RecursionError) as exc:
        raise ProviderBroke(f"The provider's stream cannot be translated: {exc}") from exc
