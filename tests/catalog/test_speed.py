"""The catalog loads and matches fast enough; the figures are printed."""

import gc
import statistics
import time
from collections.abc import Callable

import pytest

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.load import load

pytestmark = pytest.mark.timed
LOAD_MS, MATCH_US = 150, 20


@pytest.mark.full
def test_it_loads_within_its_time(how_many: Callable[[int, int], int]) -> None:
    times: list[float] = []
    for _ in range(5):
        gc.collect()
        start = time.perf_counter()
        assert load().made_from  # the file is read when it is first asked
        times.append((time.perf_counter() - start) * 1e3)
    figure = statistics.median(times)
    print(f"load: {figure:.1f} ms")
    assert figure <= how_many(3 * LOAD_MS, LOAD_MS)


@pytest.mark.full
def test_a_match_takes_its_time_the_first_time_and_later(how_many: Callable[[int, int], int]) -> None:
    asked = [(model.provider, model.id) for model in load()]
    rounds = [_microseconds(load(), asked) for _ in range(3)]
    first, later = min(figures[0] for figures in rounds), min(figures[1] for figures in rounds)
    print(f"match: {first:.2f} µs the first time, {later:.2f} µs later")
    assert first <= how_many(3 * MATCH_US, MATCH_US)
    assert later <= how_many(3 * MATCH_US, MATCH_US)


def _microseconds(catalog: Catalog, asked: list[tuple[str, str]]) -> tuple[float, float]:
    """The mean time of a match, when the model is first asked for and when it is asked for again."""
    assert len(catalog)
    gc.collect()
    figures: list[float] = []
    for _ in range(2):
        start = time.perf_counter()
        for provider, model_id in asked:
            catalog.match(provider, model_id)
        figures.append((time.perf_counter() - start) / len(asked) * 1e6)
    return figures[0], figures[1]


@pytest.mark.full
@pytest.mark.parametrize(
    ("provider", "model_id"),
    [
        ("openai", "gpt-4.1-2027-01-31"),
        ("openai", "no-such-model"),
        ("google", "models/gemini-2.5-pro"),
        ("bedrock", "ca.anthropic.claude-3-haiku-20240307-v1:0"),
    ],
)
def test_spellings_and_misses_take_no_longer(how_many: Callable[[int, int], int], provider: str, model_id: str) -> None:
    catalog = load()
    figure = min(_microseconds(catalog, [(provider, model_id)] * 1_000)[1] for _ in range(5))
    print(f"match {provider} {model_id}: {figure:.2f} µs")
    assert figure <= how_many(3 * MATCH_US, MATCH_US)
