"""Exact decimals out of JSON numbers that were once binary fractions."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

MILLION = Decimal(10**6)
THOUSAND = Decimal(1000)

_SIGNIFICANT = Context(prec=12, rounding=ROUND_HALF_EVEN)


def price(value: object, times: Decimal = Decimal(1)) -> Decimal | None:
    """`value` × `times` to 12 significant digits, which drops the noise of binary fractions; `None` if no price."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        return None
    number = Decimal(str(value))
    if not number.is_finite() or number < 0:
        return None
    return plain(_SIGNIFICANT.multiply(number, times))


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros or exponent."""
    return Decimal(format(number.normalize(), "f"))


def count(value: object) -> int | None:
    """A limit as a positive whole number, or `None`."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value != int(value) or value <= 0:
        return None
    return int(value)
