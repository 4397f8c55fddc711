"""Writes merged entries in the compact form that modelhall.catalog reads: sorted, interned, gzip without a date."""

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

from modelhall.catalog.packed import CAPABILITIES, CLASSES, FORMAT, KINDS, MODALITIES, TIERS
from scripts.catalog import own_facts, provider_names
from scripts.catalog.aliases import same_models, unlisted
from scripts.catalog.facts import Entry, Row, Value
from scripts.catalog.sources import Pin

KEYS = {
    "name": "n",
    "family": "f",
    "context_window": "c",
    "max_input": "i",
    "max_output": "o",
    "knowledge_cutoff": "u",
    "released": "b",
    "retires": "e",
    "open_weights": "w",
}


class Interned:
    """Values in the order in which they first came, each with its number."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """The number of `value`, a new one if it is new."""
        return self.numbers.setdefault(value, len(self.numbers))


def packed(entries: Sequence[Entry], pins: Sequence[Pin], hosts: Mapping[str, str]) -> bytes:
    """The bytes of the catalog file."""
    sources = _sources(pins)
    numbers = {source["id"]: number for number, source in enumerate(sources)}
    makers, told = Interned(), Interned()
    same = same_models(entries)
    providers: dict[str, dict[str, Any]] = {}
    by_provider: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        by_provider.setdefault(entry.provider, {})[entry.model_id] = entry
    for provider, models in by_provider.items():
        tied = same.get(provider, {})
        packed_models = {model_id: _model(entry, makers, told, numbers) for model_id, entry in models.items()}
        providers[provider] = {
            "m": packed_models,
            "a": dict(sorted(unlisted(models).items())),
            "s": dict(sorted(tied.items())),
        }
    known = set(by_provider)
    document = {
        "format": FORMAT,
        "sources": sources,
        "makers": list(makers.numbers),
        "told": [list(map(list, pattern)) for pattern in told.numbers],
        "aliases": provider_names.aliases(known),
        "hosts": {host: provider for host, provider in hosts.items() if provider in known},
        "providers": providers,
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _sources(pins: Sequence[Pin]) -> list[dict[str, str]]:
    """One line per source; where several packages make one source, its date is that of the oldest."""
    lines: dict[str, dict[str, str]] = {}
    for pin in sorted(pins, key=lambda pin: pin.as_of, reverse=True):
        lines[pin.source] = {"id": pin.source, "version": pin.version, "as_of": pin.as_of, "licence": pin.licence}
    lines[own_facts.SOURCE] = {"id": own_facts.SOURCE, "version": "1", "as_of": own_facts.AS_OF, "licence": "MIT"}
    return [lines[name] for name in sorted(lines)]


def _model(entry: Entry, makers: Interned, told: Interned, numbers: Mapping[str, int]) -> dict[str, Any]:
    values = entry.values
    model: dict[str, Any] = {key: values[name] for name, key in KEYS.items() if name in values}
    if model.get("n") == entry.model_id:
        del model["n"]
    extra = {
        "k": KINDS.index(str(values["kind"])),
        "m": makers.number(values["maker"]) + 1 if "maker" in values else 0,
        "I": _mask(MODALITIES, values.get("input")),
        "O": _mask(MODALITIES, values.get("output")),
        "y": sum(1 << number for number, name in enumerate(CAPABILITIES) if values.get(f"can.{name}") is True),
        "x": sum(1 << number for number, name in enumerate(CAPABILITIES) if values.get(f"can.{name}") is False),
        "r": [_row(row) for row in entry.rates],
        "l": [[date, [_row(row) for row in rows]] for date, rows in entry.later],
        "d": {
            name: [[numbers[source], word] for source, word in words]
            for name, words in sorted(entry.disagreeing.items())
        },
    }
    model.update({key: value for key, value in extra.items() if value})
    told_by = (
        (name, numbers[source], sum(1 << numbers[other] for other in agree))
        for name, (source, agree) in sorted(entry.told.items())
    )
    return {**model, "t": told.number(tuple(told_by))}


def _mask(names: Sequence[str], value: Value | None) -> int:
    return sum(1 << names.index(name) for name in value) if isinstance(value, tuple) else 0


def _row(row: Row) -> list[Any]:
    """[class, price, over, tier, first hour, last hour], cut after the last that is not usual."""
    hours = row.hours or (-1, -1)
    full: list[Any] = [CLASSES.index(row.usage_class), format(row.usd, "f"), row.over, TIERS.index(row.tier), *hours]
    usual = [None, None, 0, 0, -1, -1]
    while len(full) > 2 and full[-1] == usual[len(full) - 1]:
        full.pop()
    return full
