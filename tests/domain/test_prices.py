"""The bound of a call is never less than what it can cost."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from modelhall.domain.prices import Passport, PriceSheet, Rate
from modelhall.domain.usage import Usage

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
PASSPORT = Passport(unit="per_mtok", source="test", as_of="2026-01-01")
PRICES = st.decimals(min_value=0, max_value=200, places=4)


@st.composite
def sheets(draw: st.DrawFn) -> PriceSheet:
    rates = [Rate(name, draw(PRICES)) for name in ("input", "cache_read", "cache_write_5m", "output", "reasoning")]
    if draw(st.booleans()):
        rates += [Rate(name, draw(PRICES), context_over=200_000) for name in ("input", "output")]
    if draw(st.booleans()):
        rates.append(Rate("output", draw(PRICES), utc_hours=(draw(st.integers(0, 23)), draw(st.integers(0, 23)))))
    return PriceSheet("sheet", NOON, tuple(rates), PASSPORT)


@given(
    sheets(),
    st.lists(st.integers(0, 150_000), min_size=3, max_size=3),
    st.lists(st.integers(0, 50_000), min_size=2, max_size=2),
    st.integers(0, 23),
    st.integers(0, 10_000),
)
def test_no_split_of_the_usage_costs_more_than_the_bound(
    sheet: PriceSheet, went_in: list[int], came_out: list[int], hour: int, spare: int
) -> None:
    usage = Usage(
        input=went_in[0], cache_read=went_in[1], cache_write_5m=went_in[2], output=came_out[0], reasoning=came_out[1]
    )
    bound = sheet.bound(sum(went_in) + spare, sum(came_out) + spare)
    cost = sheet.cost(usage, NOON.replace(hour=hour))
    assert bound is not None
    assert cost is not None
    assert cost <= bound


def test_a_bound_rounds_up_and_a_cost_half_to_even() -> None:
    sheet = PriceSheet("sheet", NOON, (Rate("input", Decimal("0.0005")), Rate("output", Decimal(0))), PASSPORT)
    assert sheet.cost(Usage(input=1), NOON) == 0
    assert sheet.cost(Usage(input=3), NOON) == 2
    assert sheet.bound(1, 0) == 1


def test_a_missing_rate_is_unknown_and_never_nothing() -> None:
    sheet = PriceSheet("sheet", NOON, (Rate("input", Decimal(1)), Rate("output", None)), PASSPORT)
    assert sheet.cost(Usage(input=5, output=1), NOON) is None
    assert sheet.cost(Usage(input=5, output=0), NOON) == 5_000
    assert sheet.bound(5, 5) is None
    assert sheet.cost(Usage(), NOON) is None
    assert sheet.cost(Usage(input=1, input_audio=1), NOON) is None


def test_cached_and_reasoning_tokens_without_rates_of_their_own_are_charged_as_plain_ones() -> None:
    sheet = PriceSheet("sheet", NOON, (Rate("input", Decimal(2)), Rate("output", Decimal(8))), PASSPORT)
    assert sheet.cost(Usage(input=1, cache_read=1, output=1, reasoning=1), NOON) == 20_000


def test_a_fee_for_each_request_is_charged_once_for_an_attempt() -> None:
    rates = (Rate("input", Decimal(1)), Rate("output", Decimal(1)), Rate("requests", Decimal(5_000)))
    sheet = PriceSheet("sheet", NOON, rates, PASSPORT)
    assert sheet.cost(Usage(input=1, output=1), NOON) == 5_002_000
    assert sheet.cost(Usage(input=1, output=1, requests=0), NOON) == 2_000
    assert sheet.bound(1, 1) == 5_002_000


@given(sheets(), st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 1_000))
def test_a_condition_that_never_applies_changes_no_cost(sheet: PriceSheet, went_in: int, cached: int, out: int) -> None:
    with_condition = PriceSheet("other", NOON, (*sheet.rates, Rate("input", Decimal(9), service_tier="x")), PASSPORT)
    usage = Usage(input=went_in, cache_read=cached, output=out)
    assert sheet.cost(usage, NOON) == with_condition.cost(usage, NOON)
    assert Decimal(sheet.bound(went_in, out) or 0) <= Decimal(with_condition.bound(went_in, out) or 0)
