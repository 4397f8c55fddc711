"""The form of the catalog file: short keys, numbers for words, one table for provenance. Written by `make catalog`."""

from decimal import Decimal

import msgspec

from modelhall.domain.usage import USAGE_CLASSES

FORMAT = 1
CLASSES = USAGE_CLASSES
TIERS = ("standard", "batch", "flex", "priority", "fast")
KINDS = (
    "chat",
    "completion",
    "embedding",
    "image",
    "video",
    "stt",
    "tts",
    "realtime",
    "rerank",
    "moderation",
    "ocr",
    "classifier",
)
MODALITIES = ("text", "image", "audio", "video", "document")
CAPABILITIES = (
    "streaming",
    "tools",
    "parallel_tools",
    "tool_choice",
    "json_schema",
    "vision",
    "reasoning",
    "audio_input",
    "audio_output",
    "video_input",
    "image_output",
    "documents",
    "prompt_cache",
    "web_search",
    "computer_use",
    "sampling",
    "system_messages",
)
"""The order of these tuples is part of the file's form: add at the end only."""


class PackedSource(msgspec.Struct, frozen=True):
    """One data source as it was when the file was made."""

    id: str
    version: str
    as_of: str
    licence: str


class PackedRate(msgspec.Struct, array_like=True, frozen=True):
    """Class and tier by number; hours −1 = all day."""

    usage_class: int
    usd: Decimal
    over: int = 0
    tier: int = 0
    start: int = -1
    end: int = -1


class PackedModel(msgspec.Struct, frozen=True, rename={
    "name": "n", "family": "f", "context_window": "c", "max_input": "i", "max_output": "o", "knowledge_cutoff": "u",
    "released": "b", "retires": "e", "open_weights": "w", "kind": "k", "maker": "m", "input": "I", "output": "O",
    "can": "y", "cannot": "x", "rates": "r", "later": "l", "disagreeing": "d", "told": "t",
}):  # fmt: skip
    """One model; numbers point into the tables of the file and of this module."""

    told: int
    name: str | None = None
    family: str | None = None
    context_window: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    knowledge_cutoff: str | None = None
    released: str | None = None
    retires: str | None = None
    open_weights: bool | None = None
    kind: int = 0
    maker: int = 0
    input: int = 0
    output: int = 0
    can: int = 0
    cannot: int = 0
    rates: tuple[PackedRate, ...] = ()
    later: tuple[tuple[str, tuple[PackedRate, ...]], ...] = ()
    disagreeing: dict[str, tuple[tuple[int, str], ...]] = {}


class PackedProvider(msgspec.Struct, frozen=True):
    """A provider's models, each still undecoded, and its names for them."""

    models: dict[str, msgspec.Raw] = msgspec.field(name="m")
    aliases: dict[str, str] = msgspec.field(name="a")
    """Names that no source lists, with the listed id they mean."""
    same: dict[str, str] = msgspec.field(name="s")
    """Listed names that stand for a listed dated snapshot: `claude-sonnet-4-0` → `claude-sonnet-4-20250514`."""


class PackedCatalog(msgspec.Struct, frozen=True):
    """The whole file."""

    format: int
    sources: tuple[PackedSource, ...]
    makers: tuple[str, ...]
    told: tuple[tuple[tuple[str, int, int], ...], ...]
    """Patterns of provenance: (field, source, bits of the sources that agree)."""
    aliases: dict[str, str]
    hosts: dict[str, str]
    providers: dict[str, PackedProvider]
