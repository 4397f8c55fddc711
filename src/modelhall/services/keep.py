"""How an edit says that a field stays as it is, where `None` would empty it."""

from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T")


class Keep(Enum):
    """The one value of this kind."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


def kept(value: T | Keep, old: T) -> T:
    """The new value, or the old one where none was given."""
    return old if isinstance(value, Keep) else value
