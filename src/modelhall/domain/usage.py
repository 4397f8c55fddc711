"""What one attempt used, in classes that do not overlap. `None` = not told, 0 = told none."""

from collections.abc import Iterator
from dataclasses import dataclass

TOKEN_CLASSES = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
)
PIECE_CLASSES = ("requests", "images", "audio_ms", "characters", "pages", "searches")
USAGE_CLASSES = TOKEN_CLASSES + PIECE_CLASSES
INPUT_CLASSES = TOKEN_CLASSES[:6]
OUTPUT_CLASSES = TOKEN_CLASSES[6:]

MOST_TOLD = 10**12
"""A count above this is a fault of whoever told it, not a use."""


class ImpossibleUsage(ValueError):
    """A provider told a count that cannot be: negative, fractional, not a number, or beyond all sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counts by class: `input` is uncached text, `output` visible text, `reasoning` apart from it.

    Raises ImpossibleUsage.
    """

    input: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    input_audio: int | None = None
    input_image: int | None = None
    output: int | None = None
    reasoning: int | None = None
    output_audio: int | None = None
    output_image: int | None = None
    requests: int | None = None
    images: int | None = None
    audio_ms: int | None = None
    characters: int | None = None
    pages: int | None = None
    searches: int | None = None

    def __post_init__(self) -> None:
        for name in USAGE_CLASSES:
            count = getattr(self, name)
            if count is not None:
                count_told(count, name)

    def __bool__(self) -> bool:
        """Whether anything was told at all."""
        return any(getattr(self, name) is not None for name in USAGE_CLASSES)

    def told(self) -> Iterator[tuple[str, int]]:
        """Each class that was told, with its count, in the fixed order of the classes."""
        for name in USAGE_CLASSES:
            count = getattr(self, name)
            if count is not None:
                yield name, count

    def input_tokens(self) -> int:
        """All tokens that went in, whatever their class; classes not told count nothing."""
        return sum(getattr(self, name) or 0 for name in INPUT_CLASSES)

    def output_tokens(self) -> int:
        """All tokens that came out, visible or not; classes not told count nothing."""
        return sum(getattr(self, name) or 0 for name in OUTPUT_CLASSES)


def count_told(value: object, name: str = "usage") -> int | None:
    """A count as a provider told it: an integer from 0 to a trillion, or `None`. Raises ImpossibleUsage else."""
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MOST_TOLD:
        raise ImpossibleUsage(f"{name} cannot be {value!r:.40}")
    return value
