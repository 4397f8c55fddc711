"""A model as the catalog knows it: facts and prices, each with who said so and who says otherwise."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelhall.domain.prices import Rate

_STAMP = re.compile(r"(?:^|[-@._])(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?![0-9])")
_SHORT_STAMP = re.compile(r"[-@](\d{4})(?![0-9A-Za-z])")
_NUMBER = re.compile(r"(?:^|[-_a-z])v?(\d{1,2}(?:[.]\d{1,2})+)(?![0-9b])|-v(\d{1,2})(?![0-9b])")


@dataclass(frozen=True, slots=True)
class Told:
    """Where one field comes from."""

    source: str
    as_of: str
    """ISO date of the source's version that said so."""
    agreeing: tuple[str, ...] = ()
    """Other sources that say the same."""
    disagreeing: tuple[str, ...] = ()
    """Other sources with what they say: `litellm: 1.36`."""

    @property
    def verified(self) -> bool:
        """Whether a second source says the same."""
        return bool(self.agreeing)


@dataclass(frozen=True, slots=True)
class Later:
    """Announced prices."""

    valid_from: str
    """ISO date from which they hold."""
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """What is known of one model of one provider. `None` = unknown, never "no" and never "free"."""

    provider: str
    id: str
    name: str
    maker: str | None
    """The company that made it, not the one that serves it."""
    family: str | None
    kind: str
    context_window: int | None
    """Input and output together."""
    max_input: int | None
    max_output: int | None
    input: tuple[str, ...]
    output: tuple[str, ...]
    can: frozenset[str]
    cannot: frozenset[str]
    """What is in neither set is unknown."""
    knowledge_cutoff: str | None
    released: str | None
    retires: str | None
    open_weights: bool | None
    same_as: str | None
    """The dated snapshot that this name stands for."""
    aliases: tuple[str, ...]
    """Other names of this model at this provider."""
    rates: tuple[Rate, ...]
    later: tuple[Later, ...]
    sources: Mapping[str, Told]
    """By field name; prices as `rates.input`, capabilities as `can.tools`."""

    def supports(self, capability: str) -> bool | None:
        """Yes, no, or `None` for unknown."""
        if capability in self.can:
            return True
        return False if capability in self.cannot else None

    @property
    def most_input(self) -> int | None:
        """The most tokens that may go in: the input limit, else the context window."""
        return self.context_window if self.max_input is None else self.max_input

    @property
    def version(self) -> str | None:
        """The date in the name (ISO), else the four-figure stamp or the version number in it."""
        return version_in(self.id)

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """The fields in which sources say different things."""
        return tuple(name for name, told in self.sources.items() if told.disagreeing)


@dataclass(frozen=True, slots=True)
class Match:
    """The catalog's answer to a provider and a model id."""

    model: CatalogModel
    how: Literal["exact", "alias", "snapshot"]
    """`exact`: listed so. `alias`: a listed id in other words. `snapshot`: a listed model with an unlisted date."""


def version_in(model_id: str) -> str | None:
    """The date or version that a model id carries, or `None`."""
    stamp = _STAMP.search(model_id)
    if stamp:
        return "-".join(stamp.groups())
    short = _SHORT_STAMP.search(model_id)
    if short:
        return short[1]
    number = _NUMBER.search(model_id)
    return (number[1] or number[2]) if number else None
