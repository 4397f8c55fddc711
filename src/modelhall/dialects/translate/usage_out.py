"""Usage in each dialect's own shape, out of classes that do not overlap."""

from typing import Any

from modelhall.domain.usage import Usage


def openai_usage(usage: Usage) -> dict[str, Any]:
    """Cached, written, audio and image tokens inside the prompt, reasoning in the completion; only what was told."""
    went_in, came_out = usage.input_tokens(), usage.output_tokens()
    written: dict[str, Any] = {
        "prompt_tokens": went_in,
        "completion_tokens": came_out,
        "total_tokens": went_in + came_out,
    }
    prompt = _told(
        cached_tokens=usage.cache_read,
        cache_write_tokens=_sum(usage.cache_write_5m, usage.cache_write_1h),
        audio_tokens=usage.input_audio,
        image_tokens=usage.input_image,
    )
    completion = _told(
        reasoning_tokens=usage.reasoning, audio_tokens=usage.output_audio, image_tokens=usage.output_image
    )
    if prompt:
        written["prompt_tokens_details"] = prompt
    if completion:
        written["completion_tokens_details"] = completion
    return written


def anthropic_usage(usage: Usage | None) -> dict[str, Any]:
    """Input without what a cache read or wrote; all output together. The dialect has no word for "not told" but 0."""
    if usage is None:
        return {"input_tokens": 0, "output_tokens": 0}
    written: dict[str, Any] = {
        "input_tokens": _sum(usage.input, usage.input_audio, usage.input_image) or 0,
        "output_tokens": usage.output_tokens(),
    }
    written |= _told(
        cache_read_input_tokens=usage.cache_read,
        cache_creation_input_tokens=_sum(usage.cache_write_5m, usage.cache_write_1h),
    )
    if usage.cache_write_1h is not None:
        short, long = usage.cache_write_5m or 0, usage.cache_write_1h
        written["cache_creation"] = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
    if usage.reasoning is not None:
        written["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    return written


def _told(**counts: int | None) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count is not None}


def _sum(*counts: int | None) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told else None
