"""Prices as people give them: by usage class, in one of three named units, with what is odd about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from modelhall.domain.errors import BadRequest
from modelhall.domain.ids import new_id
from modelhall.domain.price_units import UNITS, Unit, per_million, suspicion
from modelhall.domain.prices import STANDARD, Passport, PriceSheet, Rate
from modelhall.domain.usage import TOKEN_CLASSES, USAGE_CLASSES
from modelhall.services.words import rate, wrong

PERSON = "person"


@dataclass(frozen=True, slots=True)
class GivenPrices:
    """Prices in the unit in which they were given."""

    amounts: Mapping[str, Decimal]
    """By usage class; never empty."""
    unit: Unit = "per_mtok"

    def rates(self) -> tuple[Rate, ...]:
        """As they are kept."""
        return tuple(Rate(name, per_million(amount, self.unit)) for name, amount in self.amounts.items())

    def sheet(self, now: datetime, who: str | None, others: Iterable[Rate] = ()) -> PriceSheet:
        """The sheet of these prices from now on; of `others` those classes stay that were not given."""
        kept = tuple(each for each in others if each.usage_class not in self.amounts)
        passport = Passport(self.unit, PERSON, now.date().isoformat(), who)
        return PriceSheet(new_id(), now, self.rates() + kept, passport)

    def oddities(self, known: Iterable[Rate]) -> list[str]:
        """What is odd about them beside what the catalog says of the same model, each with its usage class."""
        usual = {each.usage_class: each.usd_per_million for each in known if is_base(each)}
        told = {
            name: suspicion(amount, self.unit, usual.get(name))
            for name, amount in self.amounts.items()
            if name in TOKEN_CLASSES
        }
        return [f"{name}: {words}" for name, words in told.items() if words]


def given_prices(fields: Mapping[str, str]) -> GivenPrices | None:
    """Prices from fields such as `input_per_mtok`, `output_per_1k`, `cache_read_per_token`: plain decimal numbers.

    `None` where there are none. Raises BadRequest for anything else, and for more than one unit at once.
    """
    amounts: dict[str, Decimal] = {}
    units: set[Unit] = set()
    for field, text in fields.items():
        name, unit = _read(field)
        amounts[name] = rate(text, field)
        units.add(unit)
    if len(units) > 1:
        raise BadRequest(f"give all prices in one unit, not in {' and '.join(sorted(units))}")
    return GivenPrices(amounts, units.pop()) if units else None


def is_base(each: Rate) -> bool:
    """Whether it is the usual price, without any condition."""
    return each.context_over == 0 and each.service_tier == STANDARD and each.utc_hours is None


def _read(field: str) -> tuple[str, Unit]:
    """Usage class and unit in a field's name."""
    for unit in UNITS:
        name = field.removesuffix(f"_{unit}")
        if name != field and (name in TOKEN_CLASSES or (name in USAGE_CLASSES and unit == "per_mtok")):
            return name, unit
    names = ", ".join(USAGE_CLASSES)
    raise wrong(field[:80], f"a price is a usage class with _per_mtok, _per_1k or _per_token; there are {names}")
