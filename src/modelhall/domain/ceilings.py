"""Whether a call may fall back to another target at its price: never silently to a dearer one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from modelhall.domain.prices import FREE_SHEET, REQUESTS, STANDARD, PriceSheet
from modelhall.domain.usage import PIECE_CLASSES, TOKEN_CLASSES, USAGE_CLASSES

BOTH_SIDES = ("input", "output")
ZERO = Decimal(0)
UNKNOWN = "its price is not known"
NOTHING_TO_COMPARE = "the first target's price is not known, so nothing says that this one is not dearer"

_COUNTED_AS_INPUT = {"cache_write_5m": "input", "cache_write_1h": "input"}
"""At a provider that does not price cache writes, the same tokens are plain input."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rate may depend on, at one of the points where it can change."""

    size: int
    """Input tokens."""
    at: datetime
    service_tier: str

    def price(self, sheet: PriceSheet, name: str) -> Decimal | None:
        """What a million of this class costs here; `None` = unknown."""
        found = sheet.price(name, self.size, self.at, self.service_tier)
        stand_in = _COUNTED_AS_INPUT.get(name)
        if found is None and stand_in is not None:
            return sheet.price(stand_in, self.size, self.at, self.service_tier)
        return found

    def words(self) -> str:
        """Where it is not the usual one: under which condition."""
        told = [
            f"beyond {self.size - 1:,} input tokens" if self.size > 1 else "",
            f"in service tier {self.service_tier}" if self.service_tier != STANDARD else "",
            f"from {self.at.hour}:00 UTC" if self.at.hour else "",
        ]
        return "".join(f" {each}" for each in told if each)


def may_fall_back(
    to: PriceSheet | None, first: PriceSheet | None, ceiling: Decimal | None, *, service_tier: str = STANDARD
) -> str | None:
    """`None`: a call for the `first` target may go to this one. Else the reason why not, in plain words.

    `ceiling`: the most that a million tokens of any class may cost at `to`, in USD; without one, the price of the
    first target is the ceiling, class by class. Both hold at every size of the call and at every hour. What is free is
    always allowed; a price that is not known is over every known one. Pieces and the fee of a request are not counted
    in tokens: at them the first target's price is the ceiling in both cases. `service_tier`: what the call asks for.
    """
    to, first = _told(to), _told(first)
    if to is not None and _is_free(to):
        return None
    if to is None:
        return None if ceiling is None and first is None else UNKNOWN
    if ceiling is not None:
        conditions = _conditions(service_tier, to, first or to)
        return _over(ceiling, to, first, conditions) or _dearer(to, first, PIECE_CLASSES, conditions)
    if first is None:
        return NOTHING_TO_COMPARE
    if not any(_prices(to, name) and _prices(first, name) for name in USAGE_CLASSES):
        return "it is charged by other units than the first target"
    conditions = _conditions(service_tier, to, first)
    return _one_sided(to, first, conditions) or _dearer(to, first, USAGE_CLASSES, conditions)


def over_ceiling(sheet: PriceSheet | None, ceiling: Decimal, *, one_sided: bool = False) -> str | None:
    """`None`: a million tokens of each class cost at most the ceiling (USD), at every size and hour. Else why not.

    `one_sided`: that it has no price for one of input and output says nothing. In the standard service tier.
    """
    sheet = _told(sheet)
    if sheet is None:
        return UNKNOWN
    if _is_free(sheet):
        return None
    return _over(ceiling, sheet, sheet if one_sided else None, _conditions(STANDARD, sheet))


def _told(sheet: PriceSheet | None) -> PriceSheet | None:
    """The sheet, if it says any price at all."""
    return sheet if sheet is not None and any(rate.usd_per_million is not None for rate in sheet.rates) else None


def _is_free(sheet: PriceSheet) -> bool:
    return sheet is FREE_SHEET or (
        all(rate.usd_per_million == 0 for rate in sheet.rates) and all(_prices(sheet, name) for name in BOTH_SIDES)
    )


def _conditions(service_tier: str, *sheets: PriceSheet) -> tuple[Condition, ...]:
    """Every combination of the points at which a price of these sheets can change, in this service tier."""
    rates = [rate for sheet in sheets for rate in sheet.rates]
    sizes = sorted({1} | {rate.context_over + 1 for rate in rates})
    hours = sorted({0} | {hour % 24 for rate in rates for hour in rate.utc_hours or ()})
    return tuple(
        Condition(size, datetime(2000, 1, 1, hour, tzinfo=UTC), service_tier) for size in sizes for hour in hours
    )


def _over(ceiling: Decimal, to: PriceSheet, first: PriceSheet | None, conditions: tuple[Condition, ...]) -> str | None:
    """What of the target's tokens is over the ceiling, or not known; a side that the first has not is not needed."""
    needed = [name for name in BOTH_SIDES if first is None or _prices(first, name)]
    listed = {rate.usage_class for rate in to.rates if rate.usage_class in TOKEN_CLASSES}
    if not listed and not needed:
        return "it has no price for tokens, which the ceiling is for"
    for condition, name in _each(conditions, TOKEN_CLASSES):
        mine = condition.price(to, name)
        if mine is None and (name in listed or name in needed):
            return f"its price for {name} is not known{condition.words()}"
        if mine is not None and mine > ceiling:
            return f"{_cost(name, mine)}{condition.words()} is over the ceiling of {_usd(ceiling)}"
    return None


def _one_sided(to: PriceSheet, first: PriceSheet, conditions: tuple[Condition, ...]) -> str | None:
    """A side, input or output, for which only one of them has a price."""
    for condition, name in _each(conditions, BOTH_SIDES):
        mine, theirs = condition.price(to, name), condition.price(first, name)
        if mine is None and theirs is not None:
            return f"its price for {name} is not known{condition.words()}"
        if mine and theirs is None:
            return f"the first target's price for {name} is not known{condition.words()}"
    return None


def _dearer(
    to: PriceSheet, first: PriceSheet | None, classes: tuple[str, ...], conditions: tuple[Condition, ...]
) -> str | None:
    """The first of these classes in which the target is dearer than the first one, under any condition."""
    for condition, name in _each(conditions, classes):
        mine = condition.price(to, name)
        theirs = None if first is None else condition.price(first, name)
        if name == REQUESTS:
            # Whoever lists no fee for a request asks none, so it counts as 0 when the cost is reckoned, too.
            theirs = theirs or ZERO
        if mine is not None and theirs is not None and mine > theirs:
            told = f"{_cost(name, mine)}{condition.words()}"
            return f"{told} is dearer than the first target's {_usd(theirs)}"
    return None


def _each(conditions: tuple[Condition, ...], classes: tuple[str, ...]) -> Iterator[tuple[Condition, str]]:
    return ((condition, name) for condition in conditions for name in classes)


def _prices(sheet: PriceSheet, name: str) -> bool:
    return any(rate.usage_class == name and rate.usd_per_million is not None for rate in sheet.rates)


def _cost(name: str, price: Decimal) -> str:
    unit = "tokens" if name in TOKEN_CLASSES else "pieces"
    return f"its price for {name} of {_usd(price)} per million {unit}"


def _usd(amount: Decimal) -> str:
    return f"${amount.normalize():f}"
