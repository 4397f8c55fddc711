"""Prices: what a million units of a usage class cost, when, and on whose word; and the cost and the bound they give."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Context, Decimal

from modelhall.domain.ids import NIL
from modelhall.domain.money import Nanodollars, nanodollars, nanodollars_up
from modelhall.domain.plain_prices import REQUESTS, STANDS_FOR, PlainPrices
from modelhall.domain.usage import INPUT_CLASSES, OUTPUT_CLASSES, USAGE_CLASSES, Usage

MILLION = Decimal(10**6)
STANDARD = "standard"

_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one usage class under one set of conditions."""

    usage_class: str
    usd_per_million: Decimal | None
    """Tokens or pieces; `None` = unknown, 0 = free."""
    context_over: int = 0
    """Applies when the call's input tokens are more than this."""
    service_tier: str = STANDARD
    utc_hours: tuple[int, int] | None = None
    """Applies from the first hour to before the second, in UTC, past midnight too; `None` = all day."""


@dataclass(frozen=True, slots=True)
class Passport:
    """Where a price comes from."""

    unit: str
    """The unit in which it was given: `per_mtok`, `per_1k`, `per_token`, `local`."""
    source: str
    as_of: str
    """ISO date on which the source said so."""
    entered_by: str | None = None
    disagreeing: tuple[str, ...] = ()
    """Other sources with another price."""


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """All rates of one model from one moment on."""

    id: str
    valid_from: datetime
    rates: tuple[Rate, ...]
    passport: Passport
    _plain: PlainPrices | None = field(init=False, repr=False, compare=False)
    """Where no rate has a condition: then nothing has to be weighed on the way of a call."""

    def __post_init__(self) -> None:
        conditional = any(rate.context_over or rate.service_tier != STANDARD or rate.utc_hours for rate in self.rates)
        plain = None if conditional else PlainPrices.of({rate.usage_class: rate.usd_per_million for rate in self.rates})
        object.__setattr__(self, "_plain", plain)

    def cost(self, usage: Usage, at: datetime, service_tier: str = STANDARD) -> Nanodollars | None:
        """What this usage costs, each class at its own rate, rounded once, half-even; `None` = a rate is unknown.

        `at` is aware UTC. Usage of which nothing was told has no known cost.
        """
        told = usage.told()
        if not told:
            return None
        if self._plain is not None:
            return self._plain.cost(told)
        size = usage.input_tokens()
        total = self._fee(usage, at, service_tier)
        for name, count in told.items():
            if count == 0 or name == REQUESTS:
                continue
            price = self.price(name, size, at, service_tier)
            if price is None:
                return None
            total = _EXACT.add(total, _EXACT.multiply(price, count))
        return nanodollars(_EXACT.divide(total, MILLION))

    def price(self, usage_class: str, size: int, at: datetime, service_tier: str) -> Decimal | None:
        """USD per million of a class for a call of `size` input tokens at that time (aware UTC); `None` = unknown."""
        rate = self._rate(usage_class, size, at, service_tier)
        return None if rate is None else rate.usd_per_million

    def _fee(self, usage: Usage, at: datetime, service_tier: str) -> Decimal:
        """What a request costs by itself, in millionths.

        An attempt is one request unless the provider told another count.
        """
        price = self.price(REQUESTS, 0, at, service_tier)
        return Decimal(0) if price is None else price * (1 if usage.requests is None else usage.requests)

    def bound(self, most_input: int, most_output: int) -> Nanodollars | None:
        """The most that a call of this size can cost, rounded up; `None` = unknown.

        Each side counts at its dearest rate under any condition that a call of this size can meet.
        """
        if self._plain is not None:
            return self._plain.bound(most_input, most_output)
        dearest_input = self._dearest(INPUT_CLASSES, most_input)
        dearest_output = self._dearest(OUTPUT_CLASSES, most_input) if most_output else Decimal(0)
        if dearest_input is None or dearest_output is None:
            return None
        per_request = self._dearest((REQUESTS,), most_input) or Decimal(0)
        total = dearest_input * most_input + dearest_output * most_output + per_request
        return nanodollars_up(_EXACT.divide(total, MILLION))

    def _rate(self, usage_class: str, size: int, at: datetime, service_tier: str) -> Rate | None:
        """The rate that applies, the most specific first: service tier, then hours, then the highest tier reached."""
        own = (rate for rate in self.rates if rate.usage_class == usage_class)
        fitting = [rate for rate in own if _applies(rate, size, at, service_tier)]
        if fitting:
            return max(fitting, key=lambda rate: _specificity(rate, service_tier))
        stand_in = STANDS_FOR.get(usage_class)
        return None if stand_in is None else self._rate(stand_in, size, at, service_tier)

    def _dearest(self, classes: tuple[str, ...], size: int) -> Decimal | None:
        known = [
            rate.usd_per_million
            for rate in self.rates
            if rate.usage_class in classes and rate.context_over < max(size, 1) and rate.usd_per_million is not None
        ]
        return max(known, default=None)


def _specificity(rate: Rate, service_tier: str) -> tuple[bool, bool, int]:
    return rate.service_tier == service_tier, rate.utc_hours is not None, rate.context_over


def _applies(rate: Rate, size: int, at: datetime, service_tier: str) -> bool:
    if rate.service_tier not in {STANDARD, service_tier}:
        return False
    if rate.context_over and size <= rate.context_over:
        return False
    if rate.utc_hours is None:
        return True
    start, end = rate.utc_hours
    return start <= at.hour < end if start <= end else at.hour >= start or at.hour < end


FREE_SHEET = PriceSheet(
    id=NIL,
    valid_from=datetime(1970, 1, 1, tzinfo=UTC),
    rates=tuple(Rate(name, Decimal(0)) for name in USAGE_CLASSES),
    passport=Passport(unit="local", source="local", as_of="1970-01-01"),
)
"""What runs on the owner's machines costs nothing, and says so."""
