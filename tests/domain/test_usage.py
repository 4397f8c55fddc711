"""Usage: not told is not zero, and what cannot be is not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.domain.usage import MOST_TOLD, USAGE_CLASSES, ImpossibleUsage, Usage, count_told


@pytest.mark.parametrize("absurd", [-1, MOST_TOLD + 1, 2**63, 1.0, float("nan"), float("inf"), "12", True, [], 1e400])
def test_impossible_counts_are_refused(absurd: object) -> None:
    with pytest.raises(ImpossibleUsage):
        count_told(absurd)
    with pytest.raises(ImpossibleUsage):
        Usage(output=absurd)  # pyright: ignore[reportArgumentType] - what a provider may send


@given(st.dictionaries(st.sampled_from(USAGE_CLASSES), st.integers(0, MOST_TOLD)))
def test_what_was_told_is_kept_apart_from_what_was_not(told: dict[str, int]) -> None:
    usage = Usage(**told)
    assert dict(usage.told()) == told
    assert bool(usage) == bool(told)
    assert usage.input_tokens() + usage.output_tokens() <= sum(told.values())


def test_zero_told_is_told() -> None:
    assert Usage(output=0)
    assert not Usage()
