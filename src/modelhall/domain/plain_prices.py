"""Prices that depend on nothing, as whole numbers: exact like the decimals they come from, at a tenth of their time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Self

from modelhall.domain.money import Nanodollars
from modelhall.domain.usage import INPUT_CLASSES, OUTPUT_CLASSES, USAGE_CLASSES

REQUESTS = "requests"
STANDS_FOR: Mapping[str, str] = {"reasoning": "output", "cache_read": "input", "input_image": "input"}
"""A class without a rate of its own is charged as this one: whoever lists no separate rate charges it at that rate.
Cache writes and audio have no stand-in, because whoever counts them apart charges them dearer."""
NANO_PER_MILLIONTH = 1_000
MOST_PLACES = 30

_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class PlainPrices:
    """What a unit of each class costs, in parts of a millionth of a US dollar."""

    parts: int
    """So many parts are a millionth of a dollar; a power of ten."""
    units: Mapping[str, int]
    """By usage class, stand-ins included; what is not known is not there."""
    dearest_input: int | None
    dearest_output: int | None

    @classmethod
    def of(cls, usd_per_million: Mapping[str, Decimal | None]) -> Self | None:
        """From USD per million; `None` where the numbers are too fine for this to be quick."""
        known = {name: price for name, price in usd_per_million.items() if price is not None}
        places = max((-int(price.as_tuple().exponent) for price in known.values()), default=0)
        if places > MOST_PLACES:
            return None
        own = {name: int(price.scaleb(max(places, 0), _EXACT)) for name, price in known.items()}
        units = dict(own)
        for name in USAGE_CLASSES:
            if name not in usd_per_million and STANDS_FOR.get(name) in own:
                units[name] = own[STANDS_FOR[name]]
        return cls(10 ** max(places, 0), units, _dearest(own, INPUT_CLASSES), _dearest(own, OUTPUT_CLASSES))

    def cost(self, told: Mapping[str, int]) -> Nanodollars | None:
        """As `PriceSheet.cost`, of counts by class."""
        units = self.units
        total = units.get(REQUESTS, 0) * told.get(REQUESTS, 1)
        for name, count in told.items():
            if count and name != REQUESTS:
                unit = units.get(name)
                if unit is None:
                    return None
                total += unit * count
        whole, rest = divmod(total * NANO_PER_MILLIONTH, self.parts)
        half = 2 * rest - self.parts
        return Nanodollars(whole + (half > 0 or (half == 0 and whole & 1)))

    def bound(self, most_input: int, most_output: int) -> Nanodollars | None:
        """As `PriceSheet.bound`."""
        dearest_output = self.dearest_output if most_output else 0
        if self.dearest_input is None or dearest_output is None:
            return None
        total = self.dearest_input * most_input + dearest_output * most_output + self.units.get(REQUESTS, 0)
        return Nanodollars(-(-total * NANO_PER_MILLIONTH // self.parts))


def _dearest(units: Mapping[str, int], classes: tuple[str, ...]) -> int | None:
    return max((units[name] for name in classes if name in units), default=None)
