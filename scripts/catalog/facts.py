"""What one source says about one model, in our words, before sources are weighed against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Value = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One price: USD per million units of a usage class, under conditions."""

    usage_class: str
    over: int = 0
    tier: str = "standard"
    hours: tuple[int, int] | None = None
    usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Found:
    """One model as one source describes it."""

    source: str
    provider: str
    model_id: str
    facts: Mapping[str, Value] = field(default_factory=dict[str, Value])
    rates: tuple[Row, ...] = ()
    listed: bool = True
    """False: the source has a rule that this id fits, but does not name the id; such a price counts least."""
    later: tuple[tuple[str, tuple[Row, ...]], ...] = ()
    """Announced prices: ISO date from which they hold, and the rows."""


@dataclass(frozen=True, slots=True)
class Read:
    """All that one source holds."""

    found: tuple[Found, ...]
    addresses: tuple[tuple[str, str], ...] = ()
    """(provider, base URL) as the source lists them."""


@dataclass(slots=True)
class Entry:
    """One model of the catalog with the word of every source weighed."""

    provider: str
    model_id: str
    values: dict[str, Value] = field(default_factory=dict[str, Value])
    rates: tuple[Row, ...] = ()
    later: tuple[tuple[str, tuple[Row, ...]], ...] = ()
    told: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict[str, tuple[str, tuple[str, ...]]])
    """By field: the source whose word counts, and the others that say the same."""
    disagreeing: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    """By field: other sources with what they say."""
