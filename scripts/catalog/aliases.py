"""Ties names of one model together: a dated snapshot, the undated name that follows it, and `-latest`."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from scripts.catalog.facts import Entry

DATED = re.compile(
    r"^(?P<stem>.+?)[-@](?P<date>20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?P<tail>(?:-v\d+(?::\d+)?)?)$"
)
FOLLOWERS = ("{}", "{}-latest", "{}-0", "{}@latest", "{}@default")
"""Undated spellings of a stem; Anthropic writes `claude-sonnet-4-0` for the newest `claude-sonnet-4-<date>`."""
NO_PRICE = (None, None)


def same_models(entries: Iterable[Entry]) -> dict[str, dict[str, str]]:
    """By provider: undated listed id → the dated listed id that it stands for."""
    by_provider: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        by_provider.setdefault(entry.provider, {})[entry.model_id] = entry
    return {provider: _tied(models) for provider, models in by_provider.items()}


def unlisted(models: Mapping[str, Entry]) -> dict[str, str]:
    """Undated names that no source lists, although it lists dated snapshots at one and the same price: → the newest."""
    found: dict[str, str] = {}
    for stem, dated in _snapshots(models).items():
        if (
            stem in models
            or any(":" in model_id for model_id in dated)
            or len({_cost(models[model_id]) for model_id in dated}) > 1
        ):
            continue
        found[stem] = max(dated, key=lambda model_id: (_date(model_id), model_id))
    return found


def _tied(models: Mapping[str, Entry]) -> dict[str, str]:
    tied: dict[str, str] = {}
    for stem, dated in _snapshots(models).items():
        for follower in dict.fromkeys(form.format(stem) for form in FOLLOWERS):
            target = _followed(models, follower, dated)
            if target is not None:
                tied[follower] = target
    return tied


def _followed(models: Mapping[str, Entry], follower: str, dated: list[str]) -> str | None:
    """The one snapshot with the same price and, if both have one, the same release date."""
    if follower not in models:
        return None
    mine = models[follower]
    alike = [
        model_id for model_id in dated if _cost(models[model_id]) in {NO_PRICE, _cost(mine)} or _cost(mine) == NO_PRICE
    ]
    released = mine.values.get("released")
    same_day = [
        model_id for model_id in alike if released is not None and models[model_id].values.get("released") == released
    ]
    fitting = same_day or alike
    return fitting[0] if len(fitting) == 1 else None


def _cost(entry: Entry) -> tuple[Decimal | None, Decimal | None]:
    """What input and output cost on an ordinary call."""
    usual = {
        row.usage_class: row.usd for row in entry.rates if (row.over, row.tier, row.hours) == (0, "standard", None)
    }
    return usual.get("input"), usual.get("output")


def _snapshots(models: Mapping[str, Entry]) -> dict[str, list[str]]:
    stems: dict[str, list[str]] = {}
    for model_id in models:
        parts = DATED.match(model_id)
        if parts:
            stems.setdefault(parts["stem"] + parts["tail"], []).append(model_id)
    return stems


def _date(model_id: str) -> str:
    parts = DATED.match(model_id)
    return parts["date"].replace("-", "") if parts else ""
