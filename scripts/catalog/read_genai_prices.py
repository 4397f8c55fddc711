"""Reads genai-prices: prices with context tiers, service tiers, hours of the day and announced changes."""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from scripts.catalog import provider_names
from scripts.catalog.amounts import THOUSAND, count, plain
from scripts.catalog.facts import Found, Read, Row, Value
from scripts.catalog.python_literals import Call, assigned
from scripts.catalog.sources import Archive

MILLION_MS_PER_HOUR = Decimal("3.6")
CLASSES: Mapping[str, tuple[str, Decimal]] = {
    "input_mtok": ("input", Decimal(1)),
    "output_mtok": ("output", Decimal(1)),
    "cache_read_mtok": ("cache_read", Decimal(1)),
    "cache_write_mtok": ("cache_write_5m", Decimal(1)),
    "cache_write_5m_mtok": ("cache_write_5m", Decimal(1)),
    "cache_write_1h_mtok": ("cache_write_1h", Decimal(1)),
    "output_reasoning_mtok": ("reasoning", Decimal(1)),
    "input_audio_mtok": ("input_audio", Decimal(1)),
    "output_audio_mtok": ("output_audio", Decimal(1)),
    "input_image_mtok": ("input_image", Decimal(1)),
    "output_image_mtok": ("output_image", Decimal(1)),
    "requests_kcount": ("requests", THOUSAND),
    "web_searches_kcount": ("searches", THOUSAND),
    "input_document_kpages": ("pages", THOUSAND),
    "input_mchars": ("characters", Decimal(1)),
    "input_audio_hours": ("audio_ms", Decimal(0)),
}
"""Price key, the usage class it prices, and what makes it USD per million units (0: given per hour)."""

Rows = tuple[Row, ...]


def read(archive: Archive, known: Mapping[str, Sequence[str]]) -> Read:
    """Every id the source names, and its rules applied to `known`: the ids of other sources by provider."""
    found: list[Found] = []
    for provider in assigned(archive.only(), "providers"):
        name: str = provider["id"]
        router = name.removeprefix("huggingface_") if name.startswith("huggingface_") else None
        canonical = "huggingface" if router else provider_names.GENAI_PRICES.get(name, name)
        if name == "openai-decisions":
            continue
        models = [(model, _prices(model, archive.pin.as_of)) for model in provider["models"]]
        listed = _listed(canonical, router, models)
        found += listed
        if router is None:
            found += _fitting(
                canonical, models, known.get(canonical, ()), {item.model_id.casefold() for item in listed}
            )
        if name == "google":
            found += _fitting("google-vertex", models, known.get("google-vertex", ()), set())
    return Read(tuple(found))


def _listed(provider: str, router: str | None, models: Sequence[tuple[Call, tuple[Rows, Any]]]) -> list[Found]:
    found: dict[str, Found] = {}
    for model, (rates, later) in models:
        ids = [model["id"]] if _fits(model["match"], model["id"]) else []
        for model_id in (*ids, *_equal_to(model["match"])):
            if provider == "openrouter" and "/" not in model_id:  # not an id that this provider takes
                continue
            full = f"{model_id}:{router}" if router else model_id
            facts = _facts(model, named=model_id == model["id"])
            found.setdefault(
                full.casefold(), Found("genai-prices", provider, full, facts, _free(full, rates), later=later)
            )
    return list(found.values())


def _fitting(
    provider: str, models: Sequence[tuple[Call, tuple[Rows, Any]]], known: Sequence[str], done: set[str]
) -> list[Found]:
    found: list[Found] = []
    for model_id in known:
        if model_id.casefold() in done or ":free" in model_id or provider == "openrouter":
            continue
        rates = next((rates for model, (rates, _) in models if _fits(model["match"], model_id)), ())
        if rates:
            found.append(Found("genai-prices", provider, model_id, {}, rates, listed=False))
    return found


def _facts(model: Call, *, named: bool) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    if named and model["name"]:
        facts["name"] = str(model["name"])
    context = count(model["context_window"])
    if context is not None:
        facts["context_window"] = context
    return facts


def _free(model_id: str, rates: Rows) -> Rows:
    """An id that says so itself (`…:free`) and has no price listed costs nothing."""
    if rates or not model_id.endswith(":free"):
        return rates
    return (Row("input", usd=Decimal(0)), Row("output", usd=Decimal(0)))


def _equal_to(clause: Call) -> Iterator[str]:
    if clause.name == "ClauseEquals":
        yield clause["equals"]
    for part in clause["or_"] or ():
        yield from _equal_to(part)


def _fits(clause: Call, model_id: str) -> bool:
    text = model_id.casefold()
    match clause.name:
        case "ClauseEquals":
            return text == clause["equals"]
        case "ClauseStartsWith":
            return text.startswith(clause["starts_with"])
        case "ClauseEndsWith":
            return text.endswith(clause["ends_with"])
        case "ClauseContains":
            return clause["contains"] in text
        case "ClauseRegex":
            return re.search(clause["regex"], text) is not None
        case "ClauseOr":
            return any(_fits(part, text) for part in clause["or_"])
        case "ClauseAnd":
            return all(_fits(part, text) for part in clause["and_"])
        case _:
            raise ValueError(f"a rule that is not known here: {clause.name}")


def _prices(model: Call, as_of: str) -> tuple[Rows, tuple[tuple[str, Rows], ...]]:
    """The rows that hold on `as_of`, and the announced ones by the date from which they hold."""
    today = datetime.date.fromisoformat(as_of)
    given: Any = model["prices"]
    steps: list[Call] = [Call("ConditionalPrice", {"prices": given})] if isinstance(given, Call) else given
    base, hours, later = steps[0], list[Call](), list[tuple[str, Rows]]()
    for step in steps:
        constraint: Call | None = step["constraint"]
        if constraint is None:
            continue
        if constraint.name == "TimeOfDateConstraint":
            hours.append(step)
        elif constraint["start_date"] <= today:
            base = step
        else:
            later.append((constraint["start_date"].isoformat(), _sorted(_rows(step["prices"]))))
    rows = [*_rows(base["prices"])]
    for step in hours:
        rows += [_at_hours(row, step["constraint"], rows) for row in _rows(step["prices"])]
    rows += _variants(model["price_variants"] or (), today)
    return _sorted(rows), tuple(later)


def _variants(variants: Sequence[Call], today: datetime.date) -> list[Row]:
    rows: dict[tuple[str, int, str], Row] = {}
    for variant in variants:
        (name, value), *others = variant["when"].items()
        constraint: Call | None = variant["constraint"]
        tier = _tier(str(name), str(value))
        if others or tier is None or (constraint is not None and constraint["start_date"] > today):
            continue
        for row in _rows(variant["prices"]):
            rows.setdefault((row.usage_class, row.over, tier), Row(row.usage_class, row.over, tier, usd=row.usd))
    return list(rows.values())


def _tier(name: str, value: str) -> str | None:
    """Our service tier for a condition of theirs; `None` for the usual one and for what is no service tier."""
    if name == "processing":
        return value if value == "batch" else None
    return value if name in {"service_tier", "speed"} and value != "default" else None


def _at_hours(row: Row, constraint: Call, base: Sequence[Row]) -> Row:
    """Half hours widen the dearer side, so that a cost is never told too low."""
    start, end = constraint["start_time"], constraint["end_time"]
    usual = max(
        (other.usd for other in base if other.usage_class == row.usage_class and other.hours is None), default=row.usd
    )
    dearer = row.usd >= usual
    first = start.hour if dearer or not start.minute else start.hour + 1
    last = end.hour + 1 if dearer and end.minute else end.hour
    return Row(row.usage_class, row.over, row.tier, (first % 24, last % 24), row.usd)


def _rows(prices: Call) -> Iterator[Row]:
    for key, value in prices.given.items():
        if key not in CLASSES:
            continue
        usage_class, times = CLASSES[key]
        if isinstance(value, Call):
            yield Row(usage_class, usd=_scaled(value["base"], times))
            for tier in value["tiers"]:
                yield Row(usage_class, int(tier["start"]), usd=_scaled(tier["price"], times))
        else:
            yield Row(usage_class, usd=_scaled(value, times))


def _scaled(value: Decimal, times: Decimal) -> Decimal:
    return plain(round(value / MILLION_MS_PER_HOUR, 15) if not times else value * times)


def _sorted(rows: Sequence[Row] | Iterator[Row]) -> Rows:
    """One row per condition; the more special key (`cache_write_5m`) is listed after the general one and wins."""
    by_condition = {(row.usage_class, row.over, row.tier, row.hours): row for row in rows}
    return tuple(by_condition[key] for key in sorted(by_condition, key=repr))
