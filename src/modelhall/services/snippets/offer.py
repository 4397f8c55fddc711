"""What a program is offered: the models that its key may call, with what is known of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from modelhall.domain.errors import ModelhallError, NotFound
from modelhall.domain.prices import PriceSheet
from modelhall.gateway.call import Caller, Target
from modelhall.gateway.routing import DEFAULT, callable_targets, find_named
from modelhall.gateway.snapshot import Library
from modelhall.services.house import House
from modelhall.services.models.given_prices import is_base

TALKING = frozenset({"chat", "unknown"})
TAKES_TEXT = "embedding"


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """One model; `None` and what is absent is unknown."""

    name: str
    """By which it is called: its public name, or the alias that was asked for."""
    title: str
    kind: str
    context_window: int | None
    max_output: int | None
    capabilities: frozenset[str]
    """What it is known to do."""
    usd_per_mtok: dict[str, Decimal]
    """By usage class, without conditions."""

    @property
    def chats(self) -> bool:
        """Whether it is asked as a chat; what nothing is known of is taken for such a model."""
        return self.kind in TALKING


@dataclass(frozen=True, slots=True)
class Offer:
    """Where to call, and what."""

    address: str
    """Scheme, host, port and a path before the dialects' own."""
    models: tuple[OfferedModel, ...]
    """The one to begin with first; never empty."""
    chosen: bool = False
    """Whether somebody named these models; otherwise they are all that may be called."""

    @property
    def openai(self) -> str:
        """The base URL for programs that speak OpenAI's shape."""
        return f"{self.address}/v1"


def offered(house: House, library: Library, caller: Caller, names: Sequence[str]) -> tuple[OfferedModel, ...]:
    """The named models, or all but hidden ones that this caller may call, its default first.

    Raises UnknownModel, Forbidden and below for a name; NotFound when there is none at all.
    """
    if names:
        return tuple(_model(house, name, find_named(name, library, caller)) for name in dict.fromkeys(names))
    found = tuple(_model(house, each.model.public_name, each) for each in _all(library, caller))
    if not found:
        raise NotFound("no model may be called; switch one on with `modelhall model activate MODEL`")
    return found


def _all(library: Library, caller: Caller) -> Iterator[Target]:
    first = _default(library, caller)
    if first is not None:
        yield first
    for target in callable_targets(library, caller):
        if target is not first and not target.model.hidden and target.model.kind in TALKING | {TAKES_TEXT}:
            yield target


def _default(library: Library, caller: Caller) -> Target | None:
    try:
        return find_named(DEFAULT, library, caller)
    except ModelhallError:
        return None


def _model(house: House, name: str, target: Target) -> OfferedModel:
    model = target.model
    return OfferedModel(
        name=name,
        title=model.name if name == model.public_name else name,
        kind=model.kind,
        context_window=model.context_window,
        max_output=model.max_output,
        capabilities=frozenset(each for each, can in model.capabilities.items() if can),
        usd_per_mtok=_prices(target.sheet_at(house.clock())),
    )


def _prices(sheet: PriceSheet | None) -> dict[str, Decimal]:
    rates = sheet.rates if sheet else ()
    return {
        each.usage_class: each.usd_per_million for each in rates if is_base(each) and each.usd_per_million is not None
    }
