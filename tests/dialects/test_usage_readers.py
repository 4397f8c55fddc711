"""Usage objects are taken apart into classes that do not overlap, or are not believed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.dialects import anthropic_usage, openai_usage
from modelhall.dialects.told import Told
from modelhall.domain.usage import ImpossibleUsage, Usage

counts = st.integers(0, 10**6)


@given(counts, counts, counts, counts, counts, counts)
def test_the_classes_of_a_prompt_and_a_completion_add_up(
    text: int, cached: int, written: int, audio: int, shown: int, reasoning: int
) -> None:
    usage = openai_usage.read_usage(
        {
            "prompt_tokens": text + cached + written + audio,
            "completion_tokens": shown + reasoning,
            "total_tokens": text + cached + written + audio + shown + reasoning,
            "prompt_tokens_details": {
                "cached_tokens": cached,
                "cache_write_tokens": written,
                "audio_tokens": audio,
            },
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }
    )
    assert usage == Usage(
        input=text, cache_read=cached, cache_write_5m=written, input_audio=audio, output=shown, reasoning=reasoning
    )


@given(counts, counts, counts, st.booleans())
def test_reasoning_beside_the_completion_is_counted_once(
    prompt: int, shown: int, reasoning: int, detailed: bool
) -> None:
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": shown,
        "total_tokens": prompt + shown + reasoning,
    }
    if detailed:
        usage["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    read = openai_usage.read_usage_with_reasoning_apart(usage)
    assert (read.input, read.output, read.reasoning or 0) == (prompt, shown, reasoning)
    if detailed and reasoning:
        assert openai_usage.read_usage(usage) == read, "the total tells it, whoever the vendor is"


def test_a_vendor_that_mends_its_counting_is_not_charged_twice() -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 50,
        "total_tokens": 60,
        "completion_tokens_details": {"reasoning_tokens": 40},
    }
    read = openai_usage.read_usage_with_reasoning_apart(usage)
    assert (read.output, read.reasoning) == (10, 40)


def test_sound_that_was_cached_is_not_counted_twice() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 0,
        "prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": 60},
    }
    assert openai_usage.read_usage(usage) == Usage(input=0, cache_read=80, input_audio=20, output=0)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 11}},
        {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 5}},
        {"prompt_tokens": 10, "prompt_tokens_details": {"audio_tokens": 11}},
        {"prompt_tokens": 10, "cached_tokens": 11},
        {"completion_tokens": 10, "completion_tokens_details": {"reasoning_tokens": 11}},
        {"prompt_tokens_details": {"cached_tokens": 5}},
        {"prompt_tokens": 10, "prompt_tokens_details": [5]},
        {"prompt_tokens": True},
    ],
)
def test_details_that_contradict_are_impossible(usage: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleUsage):
        openai_usage.read_usage(usage)


def test_embeddings_tell_no_output() -> None:
    assert openai_usage.read_usage({"prompt_tokens": 8, "total_tokens": 8}) == Usage(input=8)


@given(counts, counts, counts, counts, counts, counts)
def test_anthropic_counts_stand_side_by_side(
    text: int, cached: int, short: int, long: int, shown: int, thinking: int
) -> None:
    usage = anthropic_usage.read_usage(
        {
            "input_tokens": text,
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": short + long,
            "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
            "output_tokens": shown + thinking,
            "output_tokens_details": {"thinking_tokens": thinking},
        }
    )
    assert usage == Usage(
        input=text,
        cache_read=cached,
        cache_write_5m=short,
        cache_write_1h=long,
        output=shown,
        reasoning=thinking,
    )


def test_cache_writes_without_a_split_are_the_usual_five_minutes() -> None:
    usage = anthropic_usage.read_usage({"input_tokens": 1, "cache_creation_input_tokens": 9})
    assert usage == Usage(input=1, cache_write_5m=9)


@pytest.mark.parametrize(
    "usage",
    [
        {"output_tokens": 5, "output_tokens_details": {"thinking_tokens": 6}},
        {"cache_creation_input_tokens": 5, "cache_creation": {"ephemeral_1h_input_tokens": 6}},
        {"input_tokens": -1},
        {"server_tool_use": "many"},
    ],
)
def test_anthropic_counts_that_contradict_are_impossible(usage: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleUsage):
        anthropic_usage.read_usage(usage)


def test_a_vendors_own_object_is_kept_up_to_two_kilobytes() -> None:
    told = Told()
    told.take({"prompt_tokens": 1, "note": "x" * 5000})
    assert told.read(openai_usage.read_usage) == (Usage(input=1), None, None)
    told.take({"prompt_tokens": 2, "cost": 0.5})
    assert told.read(openai_usage.read_usage) == (Usage(input=2), b'{"prompt_tokens":2,"cost":0.5}', None)


@pytest.mark.parametrize("told_as", ["text", 5, [1]])
def test_usage_of_another_type_is_impossible(told_as: object) -> None:
    told = Told()
    told.take(told_as)
    assert told.read(openai_usage.read_usage) == (None, None, "impossible_usage")
