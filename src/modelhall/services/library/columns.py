"""What a search can sort by, and what it can filter by and count."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from modelhall.services.library.entry import Entry
from modelhall.services.library.folding import folded

Value: TypeAlias = str | int | Decimal


@dataclass(frozen=True, slots=True)
class Column:
    """Something to sort by; entries of which it is not known come last both ways."""

    read: Callable[[Entry], Value | None]
    kind: Literal["text", "number", "price"] = "text"


UPTIME = "uptime"
"""Sorted by too, but not written in an entry: it moves by itself."""
CONTEXT = "context"
"""For filters only: the window, or where that is unknown what may go in."""
HEALTH = "health"
"""Counted too, but not written in an entry."""


def _folded(text: str | None) -> str | None:
    return folded(text) if text else None


COLUMNS: Mapping[str, Column] = {
    "name": Column(lambda entry: folded(entry.name)),
    "title": Column(lambda entry: folded(entry.title)),
    "status": Column(lambda entry: entry.status),
    "profile": Column(lambda entry: entry.profile),
    "provider": Column(lambda entry: folded(entry.provider)),
    "maker": Column(lambda entry: _folded(entry.maker)),
    "kind": Column(lambda entry: None if entry.kind == "unknown" else entry.kind),
    "context_window": Column(lambda entry: entry.context_window, "number"),
    CONTEXT: Column(lambda entry: entry.context_window or entry.max_input, "number"),
    "max_input": Column(lambda entry: entry.max_input, "number"),
    "max_output": Column(lambda entry: entry.max_output, "number"),
    "price_input": Column(lambda entry: entry.price_input, "price"),
    "price_output": Column(lambda entry: entry.price_output, "price"),
    "price_blended": Column(lambda entry: entry.price_blended, "price"),
    "knowledge_cutoff": Column(lambda entry: entry.knowledge_cutoff),
    "released": Column(lambda entry: entry.released),
    "retires_on": Column(lambda entry: entry.retires_on),
    "region": Column(lambda entry: _folded(next(iter(entry.regions), None))),
    "added_at": Column(lambda entry: entry.added_at),
}

SORTS: tuple[str, ...] = (*(name for name in COLUMNS if name != CONTEXT), UPTIME)

FACETS: Mapping[str, Callable[[Entry], Iterable[str]]] = {
    "status": lambda entry: entry.marks,
    "profile": lambda entry: _one(entry.profile),
    "provider": lambda entry: (entry.provider,),
    "maker": lambda entry: _one(entry.maker),
    "kind": lambda entry: (entry.kind,),
    "capability": lambda entry: entry.capabilities,
    "input": lambda entry: entry.input,
    "output": lambda entry: entry.output,
    "tag": lambda entry: entry.tags,
    "region": lambda entry: entry.regions,
    "zero_retention": lambda entry: (_YES_NO[entry.zero_retention],),
}

ALL_OF: frozenset[str] = frozenset({"capability", "input", "output", "tag"})
"""Of these, an entry must have every value that is asked for; of the others, one of them."""

_YES_NO: Mapping[bool | None, str] = {True: "yes", False: "no", None: "unknown"}


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)
