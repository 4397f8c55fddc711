"""The three units in which people write prices of tokens, and what a number would mean in each of them."""

from decimal import Context, Decimal
from typing import Literal

Unit = Literal["per_mtok", "per_1k", "per_token"]
UNITS: tuple[Unit, ...] = ("per_mtok", "per_1k", "per_token")
WORDS: dict[Unit, str] = {"per_mtok": "per million tokens", "per_1k": "per 1,000 tokens", "per_token": "per token"}
LEAST_USUAL, MOST_USUAL = Decimal("0.01"), Decimal(200)
"""USD per million tokens between which nearly all prices of chat models are (a test holds the catalog to it)."""
FAR = 10
"""A price this many times off what the catalog says of the same model is told to the person."""

_SHIFT: dict[Unit, int] = {"per_mtok": 0, "per_1k": 3, "per_token": 6}
_EXACT = Context(prec=60)


def per_million(amount: Decimal, unit: Unit) -> Decimal:
    """USD per million of a price that was written in this unit; exact."""
    return amount.scaleb(_SHIFT[unit], _EXACT)


def in_unit(usd_per_million: Decimal, unit: Unit) -> Decimal:
    """The same price as it is written in this unit; exact."""
    return usd_per_million.scaleb(-_SHIFT[unit], _EXACT)


def suspicion(amount: Decimal, unit: Unit, known: Decimal | None) -> str | None:
    """What is odd about a price as it was written, with the unit that was likely meant; `None`: nothing.

    `known`: what the catalog says of the same model and usage class, in USD per million; `None` = unknown.
    """
    meant = per_million(amount, unit)
    if amount == 0 or _is_usual(meant, known):
        return None
    told = f"${plain(amount)} {WORDS[unit]} is {plain_dollars(meant)} for a million"
    if known:
        told += f", {times(meant, known)} what the catalog says of this model ({plain_dollars(known)})"
    elif meant > MOST_USUAL:
        told += f", dearer than nearly every model there is (up to {plain_dollars(MOST_USUAL)})"
    else:
        told += f", cheaper than nearly every model there is (from {plain_dollars(LEAST_USUAL)})"
    other: Unit | None = next(
        (each for each in UNITS if each != unit and _is_usual(per_million(amount, each), known)), None
    )
    return told + (f"; was it meant {WORDS[other]}?" if other else "; is the number right?")


def times(price: Decimal, known: Decimal) -> str:
    """How far one price is from another, in words."""
    if price >= known:
        return f"{plain(round(price / known))} times"
    return f"1/{plain(round(known / price))} of"


def plain(number: Decimal | int) -> str:
    """A number without an exponent and without idle zeros, with commas between thousands."""
    text = f"{number:,f}" if isinstance(number, Decimal) else f"{number:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_dollars(amount: Decimal) -> str:
    """An amount for people."""
    return f"${plain(amount)}"


def _is_usual(usd_per_million: Decimal, known: Decimal | None) -> bool:
    if known:
        return known / FAR <= usd_per_million <= known * FAR
    return LEAST_USUAL <= usd_per_million <= MOST_USUAL
