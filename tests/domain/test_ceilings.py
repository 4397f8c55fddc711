"""A call never falls back to a target whose price may be higher than what was agreed to."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from modelhall.domain.ceilings import may_fall_back
from modelhall.domain.prices import FREE_SHEET, Passport, PriceSheet, Rate
from modelhall.domain.usage import Usage

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
PASSPORT = Passport(unit="per_mtok", source="test", as_of="2026-01-01")
PRICES = st.decimals(min_value=0, max_value=50, places=2)
ON_A_BUSY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = ("input", "cache_read", "cache_write_5m", "output", "reasoning")


def sheet(*more: Rate, **prices: str | None) -> PriceSheet:
    """A sheet of plain rates by class, and rates with conditions."""
    plain = tuple(Rate(name, None if price is None else Decimal(price)) for name, price in prices.items())
    return PriceSheet("sheet", NOON, (*plain, *more), PASSPORT)


@st.composite
def sheets(draw: st.DrawFn) -> PriceSheet:
    """Sheets with both sides priced, some classes beside them, and conditions of every kind."""
    names = ["input", "output", *draw(st.sets(st.sampled_from(["cache_read", "cache_write_5m", "reasoning"])))]
    rates = [Rate(name, draw(PRICES)) for name in names]
    if draw(st.booleans()):
        rates.append(Rate("input", draw(PRICES), context_over=draw(st.sampled_from([1_000, 2_000]))))
    if draw(st.booleans()):
        rates.append(Rate("output", draw(PRICES), utc_hours=(draw(st.integers(0, 23)), draw(st.integers(0, 23)))))
    if draw(st.booleans()):
        rates.append(Rate("output", draw(PRICES), service_tier="priority"))
    if draw(st.booleans()):
        rates.append(Rate("requests", draw(PRICES)))
    return PriceSheet("sheet", NOON, tuple(rates), PASSPORT)


CALLS = st.tuples(
    st.lists(st.integers(0, 1_500), min_size=5, max_size=5),
    st.integers(0, 23),
    st.sampled_from(["standard", "priority"]),
)


@ON_A_BUSY_MACHINE
@given(sheets(), sheets(), CALLS)
def test_without_a_ceiling_an_allowed_target_never_costs_more_for_the_same_use(
    to: PriceSheet, first: PriceSheet, call: tuple[list[int], int, str]
) -> None:
    counts, hour, tier = call
    at = NOON.replace(hour=hour)
    mine = Usage(**dict(zip(TEXT, counts, strict=True)))
    theirs = mine
    if not any(rate.usage_class == "cache_write_5m" for rate in first.rates):
        theirs = Usage(input=counts[0] + counts[2], cache_read=counts[1], output=counts[3], reasoning=counts[4])
    if not any(rate.usage_class == "cache_write_5m" for rate in to.rates):
        mine = Usage(input=counts[0] + counts[2], cache_read=counts[1], output=counts[3], reasoning=counts[4])
        theirs = mine
    if may_fall_back(to, first, None, service_tier=tier) is None:
        cost, at_first = to.cost(mine, at, tier), first.cost(theirs, at, tier)
        assert cost is not None
        assert at_first is not None
        assert cost <= at_first


@ON_A_BUSY_MACHINE
@given(sheets(), sheets(), PRICES, CALLS)
def test_under_a_ceiling_no_token_of_an_allowed_target_costs_more(
    to: PriceSheet, first: PriceSheet, ceiling: Decimal, call: tuple[list[int], int, str]
) -> None:
    counts, hour, tier = call
    if may_fall_back(to, first, ceiling, service_tier=tier) is None:
        usage = Usage(**dict(zip(TEXT, counts, strict=True)), requests=0)
        if not any(rate.usage_class == "cache_write_5m" for rate in to.rates):
            usage = structs.replace(usage, cache_write_5m=0)
        cost = to.cost(usage, NOON.replace(hour=hour), tier)
        assert cost is not None
        assert cost <= ceiling * sum(counts) * 1000


@ON_A_BUSY_MACHINE
@given(sheets())
def test_a_target_of_the_same_price_is_always_allowed_without_a_ceiling(same: PriceSheet) -> None:
    assert may_fall_back(same, same, None) is None


@pytest.mark.parametrize("first", [None, FREE_SHEET, sheet(input="1", output="2"), sheet(images="40000")])
@pytest.mark.parametrize("ceiling", [None, Decimal(0), Decimal(3)])
def test_what_is_free_is_always_allowed(first: PriceSheet | None, ceiling: Decimal | None) -> None:
    assert may_fall_back(FREE_SHEET, first, ceiling) is None
    assert may_fall_back(sheet(input="0", output="0"), first, ceiling) is None


def test_a_free_first_target_never_leads_to_a_paid_one_without_a_ceiling() -> None:
    paid = sheet(input="0.01", output="0")
    assert may_fall_back(paid, FREE_SHEET, None) is not None
    assert may_fall_back(paid, FREE_SHEET, Decimal("0.01")) is None


def test_a_price_that_is_not_known_is_over_every_known_one() -> None:
    known, half = sheet(input="1", output="2"), sheet(input="1", output=None)
    assert may_fall_back(None, known, None) == "its price is not known"
    assert may_fall_back(None, known, Decimal(999)) == "its price is not known"
    assert may_fall_back(None, None, Decimal(999)) == "its price is not known"
    assert may_fall_back(sheet(input=None, output=None), known, None) == "its price is not known"
    assert may_fall_back(half, known, None) == "its price for output is not known"
    assert may_fall_back(half, known, Decimal(999)) == "its price for output is not known"
    assert may_fall_back(half, None, Decimal(999)) == "its price for output is not known"
    assert may_fall_back(known, half, None) == "the first target's price for output is not known"
    assert "nothing says that this one is not dearer" in str(may_fall_back(known, None, None))


def test_two_targets_of_unknown_price_stand_in_for_each_other_while_there_is_no_ceiling() -> None:
    assert may_fall_back(None, None, None) is None
    assert may_fall_back(sheet(input=None), None, None) is None


def test_the_reason_names_class_price_and_condition() -> None:
    first = sheet(input="1", output="2")
    assert may_fall_back(sheet(input="1", output="2.50"), first, None) == (
        "its price for output of $2.5 per million tokens is dearer than the first target's $2"
    )
    longer = sheet(Rate("input", Decimal(3), context_over=200_000), input="1", output="2")
    assert may_fall_back(longer, first, None) == (
        "its price for input of $3 per million tokens beyond 200,000 input tokens is dearer than the first target's $1"
    )
    assert may_fall_back(longer, first, Decimal(2)) == (
        "its price for input of $3 per million tokens beyond 200,000 input tokens is over the ceiling of $2"
    )


def test_a_dearer_hour_counts_and_a_dearer_service_tier_where_the_call_asks_for_it() -> None:
    first = sheet(input="1", output="2")
    hurried = sheet(Rate("output", Decimal(4), service_tier="priority"), input="1", output="2")
    assert may_fall_back(hurried, first, None) is None
    assert may_fall_back(hurried, first, Decimal(2)) is None
    assert may_fall_back(hurried, first, None, service_tier="priority") == (
        "its price for output of $4 per million tokens in service tier priority is dearer than the first target's $2"
    )
    assert may_fall_back(hurried, first, Decimal(2), service_tier="priority") is not None
    assert may_fall_back(hurried, hurried, None, service_tier="priority") is None
    assert may_fall_back(sheet(Rate("output", Decimal(4), utc_hours=(8, 9)), input="1", output="2"), first, None)


def test_a_ceiling_below_the_first_targets_own_price_holds() -> None:
    assert may_fall_back(sheet(input="1", output="2"), sheet(input="5", output="9"), Decimal("1.99")) is not None
    assert may_fall_back(sheet(input="1", output="2"), sheet(input="5", output="9"), Decimal(2)) is None


def test_cache_writes_that_only_the_other_prices_are_compared_with_plain_input() -> None:
    writes = sheet(input="1", cache_write_5m="1.25", output="2")
    assert may_fall_back(writes, sheet(input="1", output="2"), None) is not None
    assert may_fall_back(writes, sheet(input="1.25", output="2"), None) is None


def test_a_class_that_only_one_of_them_has_is_not_compared() -> None:
    assert may_fall_back(sheet(input="1", output="2", input_audio="40"), sheet(input="1", output="2"), None) is None
    assert may_fall_back(sheet(input="1", output="2"), sheet(input="1", output="2", input_audio="40"), None) is None


def test_a_fee_for_each_request_is_held_to_the_first_targets_with_a_ceiling_too() -> None:
    fee, none = sheet(input="1", output="1", requests="5000"), sheet(input="1", output="1")
    assert "requests" in str(may_fall_back(fee, none, None))
    assert "requests" in str(may_fall_back(fee, none, Decimal(50)))
    assert "requests" in str(may_fall_back(fee, None, Decimal(50)))
    assert may_fall_back(fee, fee, Decimal(50)) is None
    assert may_fall_back(none, fee, None) is None


def test_what_is_charged_by_pieces_is_compared_by_pieces() -> None:
    assert may_fall_back(sheet(images="40000"), sheet(images="40000"), None) is None
    assert may_fall_back(sheet(images="40001"), sheet(images="40000"), None) is not None
    assert may_fall_back(sheet(images="1"), sheet(pages="2"), None) == (
        "it is charged by other units than the first target"
    )
    assert "no price for tokens" in str(may_fall_back(sheet(images="1"), sheet(images="1"), Decimal(5)))


def test_a_side_that_neither_has_is_not_asked_for() -> None:
    assert may_fall_back(sheet(input="0.02"), sheet(input="0.02"), None) is None
    assert may_fall_back(sheet(input="0.02"), sheet(input="0.01"), Decimal("0.02")) is None
