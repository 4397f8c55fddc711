"""What one attempt used, in classes that do not overlap. `None` = not told, 0 = told none."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import astuple

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


class Usage(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Counts by class: `input` is uncached text, `output` visible text, `reasoning` apart from it.

    Raises ImpossibleUsage. A struct, as one is made and read for each attempt: a dataclass takes ten times as long.
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
        for name, count in self.told().items():
            if type(count) is not int or not 0 <= count <= MOST_TOLD:
                count_told(count, name)

    def __bool__(self) -> bool:
        """Whether anything was told at all."""
        return bool(self.told())

    def told(self) -> Mapping[str, int]:
        """Each class that was told, with its count, in the fixed order of the classes."""
        kept = vars(self)  # a cached property would take a lock
        told: dict[str, int] | None = kept.get("_told")
        if told is None:
            counts = zip(USAGE_CLASSES, astuple(self), strict=True)
            told = kept["_told"] = {name: count for name, count in counts if count is not None}
        return told

    def input_tokens(self) -> int:
        """All tokens that went in, whatever their class; classes not told count nothing."""
        return sum([count for count in astuple(self)[:6] if count is not None])

    def output_tokens(self) -> int:
        """All tokens that came out, visible or not; classes not told count nothing."""
        return sum([count for count in astuple(self)[6:10] if count is not None])


def count_told(value: object, name: str = "usage") -> int | None:
    """A count as a provider told it: an integer from 0 to a trillion, or `None`. Raises ImpossibleUsage else."""
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MOST_TOLD:
        raise ImpossibleUsage(f"{name} cannot be {value!r:.40}")
    return value


def counts_told(told: Mapping[str, object], names: tuple[str, ...]) -> list[int | None]:
    """The counts of these names, each as `count_told` gives it."""
    if not told:
        return [None] * len(names)
    counts: list[int | None] = []
    for name in names:
        value = told.get(name)
        counts.append(
            value if value is None or (type(value) is int and 0 <= value <= MOST_TOLD) else count_told(value, name)
        )
    return counts
