"""What a renewal changed, in lines a person can read: models that came and went, prices and limits that moved."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from modelhall.catalog.packed import CLASSES, TIERS

LIMITS = {"c": "context window", "i": "max input", "o": "max output"}

Models = Mapping[str, Mapping[str, Any]]


def flat(content: bytes) -> dict[str, Mapping[str, Any]]:
    """`provider/model-id` → the packed model, from the unpacked file."""
    document = json.loads(content)
    return {
        f"{provider}/{model_id}": model
        for provider, held in document["providers"].items()
        for model_id, model in held["m"].items()
    }


def lines(before: Models, after: Models, *, most: int) -> Iterator[str]:
    """The changes; of each kind the count and at most `most` of them."""
    if not before:
        yield "There was no catalog before."
        return
    added, gone = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    both = sorted(before.keys() & after.keys())
    limits = [line for name in both for line in _limits(name, before[name], after[name])]
    prices = [line for name in both for line in _prices(name, before[name], after[name])]
    for title, changes in (("added", added), ("gone", gone), ("limits changed", limits), ("prices changed", prices)):
        yield f"{title}: {len(changes):,}"
        yield from (f"  {change}" for change in changes[:most])
        if len(changes) > most:
            yield f"  and {len(changes) - most:,} more (--most {len(changes)} shows all)"


def _limits(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key, title in LIMITS.items():
        if before.get(key) != after.get(key):
            yield f"{name}: {title} {before.get(key, 'unknown')} → {after.get(key, 'unknown')}"


def _prices(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = _rates(before), _rates(after)
    for condition in sorted(old.keys() | new.keys()):
        if old.get(condition) != new.get(condition):
            yield f"{name}: {condition} {old.get(condition, 'unknown')} → {new.get(condition, 'unknown')}"


def _rates(model: Mapping[str, Any]) -> dict[str, str]:
    rates: dict[str, str] = {}
    for row in model.get("r", ()):
        usage_class, usd = int(row[0]), str(row[1])
        over, tier, start, _ = [*row[2:], *[0, 0, -1, -1][len(row) - 2 :]]
        condition = CLASSES[usage_class] + (f" over {over:,}" if over else "") + (f" {TIERS[tier]}" if tier else "")
        rates[condition + (f" from {start} h" if start >= 0 else "")] = usd
    return rates
