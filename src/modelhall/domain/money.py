"""Money: whole nano-dollars inside, decimal strings on the wire, never a float."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import NewType

Nanodollars = NewType("Nanodollars", int)
"""A billionth of a US dollar; the ledger's only unit of money."""

NANO = Decimal(10**9)
ZERO = Nanodollars(0)
MOST = Nanodollars(10**18)
"""A billion dollars: nothing above it is believed."""

_EXACT = Context(prec=60)


def nanodollars(usd: Decimal) -> Nanodollars:
    """US dollars as nano-dollars, rounded once, half-even: for amounts that were earned."""
    return Nanodollars(int(_EXACT.multiply(usd, NANO).quantize(Decimal(1), ROUND_HALF_EVEN, _EXACT)))


def nanodollars_up(usd: Decimal) -> Nanodollars:
    """US dollars as nano-dollars, rounded up: for amounts that are set aside."""
    return Nanodollars(int(_EXACT.multiply(usd, NANO).quantize(Decimal(1), ROUND_CEILING, _EXACT)))


def usd(amount: Nanodollars) -> str:
    """The amount as a plain decimal string in US dollars, without an exponent and without idle zeros: `"0.1"`."""
    whole, rest = divmod(abs(amount), 10**9)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{rest:09d}".rstrip("0").rstrip(".")


def usd_or_none(amount: Nanodollars | None) -> str | None:
    """`usd`, with an unknown amount staying unknown."""
    return None if amount is None else usd(amount)


def parse_usd(text: str) -> Nanodollars:
    """An amount of US dollars that a person or program wrote, such as `"5"` or `"0.25"`.

    Raises ValueError when it is not a finite decimal number, is negative, above a billion, or finer than a nano-dollar.
    """
    number = parse_decimal(text)
    if number > MOST // 10**9:
        raise ValueError(f"{text!r} is above a billion dollars")
    amount = _EXACT.multiply(number, NANO)
    if amount != amount.to_integral_value():
        raise ValueError(f"{text!r} is finer than a nano-dollar")
    return Nanodollars(int(amount))


def parse_decimal(text: str) -> Decimal:
    """A finite, non-negative decimal number as it was written. Raises ValueError for anything else."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a decimal number") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"{text!r} is not a finite number of zero or more")
    return number
