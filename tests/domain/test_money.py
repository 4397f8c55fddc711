"""Money is exact: whole nano-dollars in, decimal strings out, and nothing that is not a number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.domain.money import Nanodollars, nanodollars, nanodollars_up, parse_decimal, parse_usd, usd, usd_or_none


@given(st.integers(-(10**18), 10**18))
def test_every_amount_reads_back_as_itself(amount: int) -> None:
    text = usd(Nanodollars(amount))
    assert Decimal(text) * 10**9 == amount
    assert "e" not in text.lower()


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (1, "0.000000001"), (100_000_000, "0.1"), (-2_500_000_000, "-2.5"), (10**18, "1000000000")],
)
def test_amounts_are_written_plainly(amount: int, text: str) -> None:
    assert usd(Nanodollars(amount)) == text


def test_earned_amounts_round_half_to_even_and_held_ones_up() -> None:
    half = Decimal("0.0000000005")
    assert (nanodollars(half), nanodollars(half * 3), nanodollars_up(half)) == (0, 2, 1)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "NaN", "Infinity", "-1", "1e400", "1e999999", "1e-999999", "0.0000000001", "1000000001", "0x10", "1,5"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_usd(text)


def test_a_price_may_be_finer_than_a_nano_dollar_but_not_negative() -> None:
    assert parse_decimal(" 0.00000000001 ") == Decimal("1E-11")
    with pytest.raises(ValueError, match="zero or more"):
        parse_decimal("-0.1")


def test_an_unknown_amount_stays_unknown() -> None:
    assert usd_or_none(None) is None
    assert usd_or_none(Nanodollars(5 * 10**9)) == "5"
