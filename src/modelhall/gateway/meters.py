"""Counters of this process, in plain numbers; turned into Prometheus' form only when somebody asks."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Meters:
    """What this process counts while it serves."""

    in_flight: int = 0
    attempts: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """By profile, model and status."""
    refusals: Counter[str] = field(default_factory=Counter[str])
    """By the code of the error."""
    tokens: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """By profile, model and usage class."""
    charged: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Nano-dollars by profile and model."""
    unpriced: int = 0
    first_byte: Histogram = field(default_factory=Histogram)
    total: Histogram = field(default_factory=Histogram)
    folded: int = 0
    fold_failures: int = 0
