"""What is known of where a call's data goes and what becomes of it: facts, each with its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

Fact = Literal["local", "zero_retention", "no_training", "regions"]
FACTS: tuple[Fact, ...] = ("local", "zero_retention", "no_training", "regions")
Value = bool | tuple[str, ...]
"""Of `regions` the regions in which the data may be handled, all of them; of every other fact whether it is so."""
Layer = Literal["model", "profile", "nature", "provider"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a fact is taken to be true."""

    value: Value
    reference: str
    """What it stands on: a contract, a page, or that the server is the owner's own."""
    layer: Layer
    """Where it was entered; `nature`: it follows from where the server is."""
    address: str | None = None
    """The page, where it is one."""
    dated: date | None = None
    """From when the evidence is; `None`: it needs no date."""
    valid_until: date | None = None
    """The last day (UTC) on which it counts; `None`: until somebody takes it back."""
    entered_by: str | None = None
    """A member's login; `None`: it came with the program."""

    @property
    def ends_at(self) -> datetime | None:
        """The moment from which it no longer counts (aware UTC)."""
        if self.valid_until is None:
            return None
        return datetime.combine(self.valid_until + timedelta(days=1), time(), UTC)

    def counts_at(self, now: datetime) -> bool:
        """Whether it is not over."""
        ends_at = self.ends_at
        return ends_at is None or now < ends_at


Facts = Mapping[Fact, Evidence]
"""What one layer says; a fact that is absent is not known there."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is known of one model."""

    layers: tuple[Facts, ...] = ()
    """The nearest first: the model's own, its profile's, its nature, its provider's."""

    def known(self, fact: Fact, now: datetime) -> Evidence | None:
        """The nearest evidence that counts, or what follows from a server that is the owner's own; `None` = unknown.

        Whoever runs the model himself hands nothing to anybody: nobody keeps it, trains on it, or takes it elsewhere.
        """
        own = self._nearest(fact, now)
        if own is not None or fact == "local":
            return own
        local = self._nearest("local", now)
        return local if local is not None and local.value is True else None

    def lapsed(self, fact: Fact, now: datetime) -> Evidence | None:
        """The evidence that would count had it not ended."""
        return next((layer[fact] for layer in self.layers if fact in layer and not layer[fact].counts_at(now)), None)

    def next_end(self, now: datetime) -> datetime | None:
        """When the first of what counts now comes to its end; `None`: never."""
        ends = [ends_at for ends_at in self.ends() if ends_at > now]
        return min(ends, default=None)

    def ends(self) -> list[datetime]:
        """When its evidence ends or ended, where it does."""
        found = (evidence.ends_at for layer in self.layers for evidence in layer.values())
        return [ends_at for ends_at in found if ends_at is not None]

    def _nearest(self, fact: Fact, now: datetime) -> Evidence | None:
        return next((layer[fact] for layer in self.layers if fact in layer and layer[fact].counts_at(now)), None)


def value_words(value: Value) -> str:
    """A fact's value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value)
