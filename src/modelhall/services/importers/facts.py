"""What a foreign file says of a model, as the document says it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from msgspec import UNSET, UnsetType

from modelhall.domain.price_units import Unit, per_million
from modelhall.services.files.document import ModelEntry, Number, PriceEntry

T = TypeVar("T")


def facts(
    *,
    title: str | None = None,
    kind: str | None = None,
    context_window: int | None = None,
    max_output: int | None = None,
    capabilities: Mapping[str, bool] | None = None,
    price: PriceEntry | UnsetType = UNSET,
    defaults: Mapping[str, Number] | UnsetType = UNSET,
    hidden: bool = False,
) -> ModelEntry:
    """An entry without its name; what is not known is not said, and then the catalog's word counts."""
    if max_output is not None and context_window is not None and max_output > context_window:
        # Some programs keep the two apart; here the answer is a part of the window.
        context_window = None
    told = (title, kind, context_window, max_output)
    described = any(each is not None for each in told) or bool(capabilities)
    return ModelEntry(
        name="",
        custom=True if described else UNSET,
        title=_or_unset(title),
        kind=_or_unset(kind),
        context_window=_or_unset(context_window),
        max_output=_or_unset(max_output),
        capabilities=dict(capabilities) if capabilities else UNSET,
        price=price,
        defaults=UNSET if isinstance(defaults, UnsetType) else dict(defaults),
        hidden=True if hidden else UNSET,
    )


def price_entry(amounts: Mapping[str, Decimal], unit: Unit) -> PriceEntry:
    """A price by usage class, told in the unit in which it stood in the file."""
    return PriceEntry(
        usd_per_million={kind: format(per_million(cost, unit).normalize(), "f") for kind, cost in amounts.items()},
        unit=unit,
    )


def _or_unset(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value
