"""A price that a person entered, as a file says it: base rates by usage class, others with their conditions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from modelhall.domain.ids import new_id
from modelhall.domain.price_units import UNITS
from modelhall.domain.prices import FREE_SHEET, Passport, PriceSheet, Rate
from modelhall.domain.usage import USAGE_CLASSES
from modelhall.services.models.given_prices import PERSON, is_base
from modelhall.services.models.new_model import day
from modelhall.services.words import rate, wrong

Fields = Mapping[str, Any]
NOBODY = "unknown"
"""The source of a price that nobody knows any more."""


def price_fields(sheets: Iterable[PriceSheet], now: datetime) -> dict[str, Any] | None:
    """The price in force, if a person entered it."""
    in_force = [sheet for sheet in sheets if sheet.valid_from <= now]
    if not in_force or in_force[-1].passport.source != PERSON:
        return None
    sheet = in_force[-1]
    base = {
        each.usage_class: plain_amount(each.usd_per_million)
        for each in sheet.rates
        if is_base(each) and each.usd_per_million is not None
    }
    told = sheet.passport
    fields = {
        "usd_per_million": dict(sorted(base.items())),
        "rates": sorted((_rate_fields(each) for each in sheet.rates if not _is_plain(each)), key=str),
        "unit": told.unit,
        "as_of": told.as_of,
        "entered_by": told.entered_by,
        "disagreeing": [*told.disagreeing],
    }
    return {name: value for name, value in fields.items() if value or name == "as_of"}


def normal_price(given: Fields) -> dict[str, Any]:
    """As a file says it, in the spelling in which it is kept. Raises BadRequest with the place."""
    base = {
        name: plain_amount(rate(text, f"price.{name[:40]}")) for name, text in given.get("usd_per_million", {}).items()
    }
    unknown = [
        name for name in (*base, *(each["usage_class"] for each in given.get("rates", ()))) if name not in USAGE_CLASSES
    ]
    if unknown:
        raise wrong("price", f"{unknown[0][:40]!r} is no usage class; there are {', '.join(USAGE_CLASSES)}")
    if not base and not given.get("rates"):
        raise wrong("price", "name at least one price, such as input and output")
    unit = given.get("unit", "per_mtok")
    if unit not in UNITS:
        raise wrong("price.unit", f"one of {', '.join(UNITS)}")
    rates = [_rate_fields(_rate(each)) for each in given.get("rates", ())]
    fields = {
        **given,
        "usd_per_million": dict(sorted(base.items())),
        "rates": sorted(rates, key=str),
        "unit": unit,
    }
    if given.get("as_of"):
        fields["as_of"] = day(given["as_of"], "price.as_of")
    return {name: value for name, value in fields.items() if value}


def sheet_of(fields: Fields, now: datetime) -> PriceSheet:
    """The price from now on."""
    base = tuple(Rate(name, Decimal(text)) for name, text in fields.get("usd_per_million", {}).items())
    passport = Passport(
        fields.get("unit", "per_mtok"),
        PERSON,
        fields["as_of"],
        fields.get("entered_by"),
        tuple(fields.get("disagreeing", ())),
    )
    return PriceSheet(new_id(), now, base + tuple(_rate(each) for each in fields.get("rates", ())), passport)


def _is_plain(each: Rate) -> bool:
    return is_base(each) and each.usd_per_million is not None


def _rate_fields(each: Rate) -> dict[str, Any]:
    fields = {
        "usage_class": each.usage_class,
        "usd_per_million": None if each.usd_per_million is None else plain_amount(each.usd_per_million),
        "context_over": each.context_over or None,
        "service_tier": None if each.service_tier == "standard" else each.service_tier,
        "utc_hours": None if each.utc_hours is None else [*each.utc_hours],
    }
    return {name: value for name, value in fields.items() if value is not None}


def _rate(fields: Fields) -> Rate:
    amount, hours = fields.get("usd_per_million"), fields.get("utc_hours")
    if hours is not None and not all(0 <= hour <= 24 for hour in hours):
        raise wrong("price.rates", "hours are 0 to 24, in UTC")
    if not 0 <= fields.get("context_over", 0) <= 10**9:
        raise wrong("price.rates", "context_over is a number of tokens")
    return Rate(
        fields["usage_class"],
        None if amount is None else rate(amount, "price.rates"),
        fields.get("context_over", 0),
        fields.get("service_tier", "standard"),
        None if hours is None else (hours[0], hours[1]),
    )


def plain_amount(amount: Decimal) -> str:
    """Plain digits, without zeros at the end."""
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def unknown_price(held: Sequence[PriceSheet], now: datetime, *, free: bool) -> list[PriceSheet]:
    """In the place of a price that was taken back, where nobody else says one."""
    if free:
        return [replace(FREE_SHEET, id=new_id(), valid_from=now)]
    names = dict.fromkeys(each.usage_class for sheet in held for each in sheet.rates)
    rates = tuple(Rate(name, None) for name in names)
    return [PriceSheet(new_id(), now, rates, Passport("per_mtok", NOBODY, now.date().isoformat()))] if rates else []
