"""What the vendor says, before it takes the shape of a dialect."""

from collections.abc import Iterator
from dataclasses import dataclass

FRESH, CACHED, WRITTEN = 8, 4, 5
"""The tokens of every answer: read fresh, read from the cache, written."""


@dataclass(frozen=True, slots=True)
class Said:
    """Text or calls of tools; `whole` is false where the answer breaks off in the middle."""

    text: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    """Id, name and arguments of each."""
    whole: bool = True


def pieces(text: str) -> Iterator[str]:
    """The text as a stream tells it."""
    yield from (text[at : at + 3] for at in range(0, len(text), 3))
