"""Counters of a process, in plain numbers; turned into Prometheus' form only when somebody asks."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

BUCKETS_S = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


@dataclass(slots=True)
class Histogram:
    """Counts by upper bound in seconds, with their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Counts one time."""
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.total += seconds

    def add_all(self, other: "Histogram") -> None:
        """Counts what another process counted."""
        self.counts = [own + more for own, more in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


@dataclass(slots=True)
class Meters:
    """What a process counts while it serves. Its tables count what is not there yet from 0."""

    in_flight: int = 0
    unfolded: int = 0
    """Journal records that wait for the database; set when somebody asks."""
    attempts: dict[tuple[str, str, str], int] = field(default_factory=Counter[tuple[str, str, str]])
    """By profile, model and status."""
    refusals: dict[str, int] = field(default_factory=Counter[str])
    """By the code of the error."""
    tokens: dict[tuple[str, str, str], int] = field(default_factory=Counter[tuple[str, str, str]])
    """By profile, model and usage class."""
    charged: dict[tuple[str, str], int] = field(default_factory=Counter[tuple[str, str]])
    """Nano-dollars by profile and model."""
    unpriced: int = 0
    first_byte: Histogram = field(default_factory=Histogram)
    total: Histogram = field(default_factory=Histogram)
    folded: int = 0
    fold_failures: int = 0

    def add_all(self, other: "Meters") -> None:
        """Counts what another process counted."""
        self.in_flight += other.in_flight
        self.unfolded += other.unfolded
        _add(self.attempts, other.attempts)
        _add(self.refusals, other.refusals)
        _add(self.tokens, other.tokens)
        _add(self.charged, other.charged)
        self.unpriced += other.unpriced
        self.first_byte.add_all(other.first_byte)
        self.total.add_all(other.total)
        self.folded += other.folded
        self.fold_failures += other.fold_failures


def _add(own: dict[K, int], other: Mapping[K, int]) -> None:
    for place, count in other.items():
        own[place] = own.get(place, 0) + count
