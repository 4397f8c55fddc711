"""The counters in Prometheus' text form."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from modelhall.domain.money import Nanodollars, usd
from modelhall.gateway.meters import BUCKETS_S, Histogram, Meters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(meters: Meters) -> bytes:
    """All counters, as they are now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counters(meters))
    return generate_latest(registry)


class _Counters(Collector):
    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def collect(self) -> Iterable[Metric]:
        meters = self._meters
        yield GaugeMetricFamily("modelhall_calls_in_flight", "Calls under way.", meters.in_flight)
        yield GaugeMetricFamily(
            "modelhall_journal_unfolded", "Journal records that wait for the database.", meters.unfolded
        )
        yield _counter(
            "attempts", "Attempts by how they ended.", ("profile", "model", "status"), meters.attempts.items()
        )
        yield _counter(
            "refusals",
            "Calls refused before any attempt.",
            ("code",),
            (((code,), n) for code, n in meters.refusals.items()),
        )
        yield _counter("tokens", "Tokens and pieces by class.", ("profile", "model", "class"), meters.tokens.items())
        yield self._charged()
        yield _counter("unpriced_attempts", "Attempts whose charge is unknown.", (), [((), meters.unpriced)])
        yield _counter("folded_rows", "Ledger rows written.", (), [((), meters.folded)])
        yield _counter("fold_failures", "Folds that failed and are tried again.", (), [((), meters.fold_failures)])
        yield _histogram("first_byte_seconds", "Time to the first byte of an answer.", meters.first_byte)
        yield _histogram("attempt_seconds", "Time of a whole attempt.", meters.total)

    def _charged(self) -> Metric:
        amounts = self._meters.charged.items()
        family = CounterMetricFamily("modelhall_charged_usd", "US dollars charged.", labels=("profile", "model"))
        for labels, nano in amounts:
            family.add_metric(labels, float(usd(Nanodollars(nano))))  # the text form has no other number
        return family


def _counter(
    name: str, words: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"modelhall_{name}", words, labels=labels)
    for place, count in values:
        family.add_metric(place, count)
    return family


def _histogram(name: str, words: str, histogram: Histogram) -> HistogramMetricFamily:
    family = HistogramMetricFamily(f"modelhall_{name}", words)
    family.add_metric([], list(_cumulative(histogram)), histogram.total)
    return family


def _cumulative(histogram: Histogram) -> Iterator[tuple[str, int]]:
    so_far = 0
    for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), histogram.counts, strict=True):
        so_far += count
        yield bound, so_far
