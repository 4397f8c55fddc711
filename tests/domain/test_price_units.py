"""A price in three units is one price; one that was likely meant in another unit is told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.catalog.load import load
from modelhall.domain.price_units import LEAST_USUAL, MOST_USUAL, UNITS, Unit, in_unit, per_million, suspicion

amounts = st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=12)


@given(amounts, st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_a_price_survives_every_change_of_unit_exactly(amount: Decimal, one: Unit, other: Unit) -> None:
    assert in_unit(per_million(in_unit(per_million(amount, one), other), other), one) == amount


def test_the_units_are_a_million_a_thousand_and_one() -> None:
    assert [per_million(Decimal("0.03"), unit) for unit in UNITS] == [Decimal("0.03"), Decimal(30), Decimal(30_000)]


@given(amounts, st.sampled_from(UNITS), st.none() | amounts)
def test_every_price_can_be_looked_at(amount: Decimal, unit: Unit, known: Decimal | None) -> None:
    told = suspicion(amount, unit, known)
    assert told is None or told.startswith("$")


@pytest.mark.parametrize(
    ("amount", "unit", "known", "end"),
    [
        ("2", "per_token", "2", "; was it meant per million tokens?"),
        ("30", "per_1k", "30", "; was it meant per million tokens?"),
        ("0.00003", "per_mtok", "30", "; was it meant per token?"),
        ("0.03", "per_mtok", "30", "; was it meant per 1,000 tokens?"),
        ("3", "per_1k", None, "; was it meant per million tokens?"),
        ("21", "per_mtok", "2", "; is the number right?"),
    ],
)
def test_the_unit_that_was_likely_meant_is_named(amount: str, unit: Unit, known: str | None, end: str) -> None:
    told = suspicion(Decimal(amount), unit, None if known is None else Decimal(known))
    assert told is not None
    assert told.endswith(end)


@pytest.mark.parametrize(
    ("amount", "unit", "known"),
    [("0", "per_token", "2"), ("3", "per_mtok", "2"), ("0.00003", "per_token", "30"), ("1", "per_mtok", None)],
)
def test_a_plausible_price_raises_nothing(amount: str, unit: Unit, known: str | None) -> None:
    assert suspicion(Decimal(amount), unit, None if known is None else Decimal(known)) is None


def test_how_far_it_is_from_the_catalog_is_said() -> None:
    told = suspicion(Decimal(2), "per_token", Decimal(2))
    assert told is not None
    assert "$2,000,000 for a million, 1,000,000 times what the catalog says of this model ($2)" in told
    small = suspicion(Decimal("0.002"), "per_mtok", Decimal(2))
    assert small is not None
    assert "1/1,000 of what the catalog says" in small


def test_nearly_all_prices_of_the_catalog_are_in_the_usual_range() -> None:
    known = [
        rate.usd_per_million
        for model in load()
        if model.kind == "chat"
        for rate in model.rates
        if rate.usage_class in {"input", "output"} and rate.usd_per_million
    ]
    usual = [price for price in known if LEAST_USUAL <= price <= MOST_USUAL]
    assert len(usual) > 0.98 * len(known)
