"""Usage objects of the OpenAI family, taken apart into classes that do not overlap."""

from collections.abc import Mapping
from typing import Any

from modelhall.dialects.told import group
from modelhall.domain.usage import ImpossibleUsage, Usage, counts_told

_TOTALS = ("prompt_tokens", "completion_tokens", "total_tokens")
_KINDS = ("audio_tokens", "image_tokens")
_PROMPT_DETAILS = ("cached_tokens", "cache_write_tokens", *_KINDS)


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """As OpenAI tells it: cached, written, audio and image tokens inside the prompt, reasoning inside the completion.

    Where the total says that reasoning came on top of prompt and completion, it did. Raises ImpossibleUsage.
    """
    (reasoning,) = counts_told(group(usage, "completion_tokens_details"), ("reasoning_tokens",))
    prompt, completion, total = counts_told(usage, _TOTALS)
    apart = bool(reasoning) and total == (prompt or 0) + (completion or 0) + (reasoning or 0)
    return usage_of(usage, completion=_plus(completion, reasoning) if apart else completion, reasoning=reasoning)


def read_usage_with_reasoning_apart(usage: Mapping[str, Any]) -> Usage:
    """For vendors whose `completion_tokens` is the visible text only.

    Reasoning is told in the details, or is what the total has above prompt and completion. Raises ImpossibleUsage.
    """
    prompt, completion, total = counts_told(usage, _TOTALS)
    (reasoning,) = counts_told(group(usage, "completion_tokens_details"), ("reasoning_tokens",))
    if total is not None:
        above = total - (prompt or 0) - (completion or 0)
        if reasoning and above == 0:
            return usage_of(usage, completion=completion, reasoning=reasoning)
        if not reasoning and above > 0:
            reasoning = above
    return usage_of(usage, completion=_plus(completion, reasoning), reasoning=reasoning)


def usage_of(
    usage: Mapping[str, Any],
    *,
    completion: int | None,
    reasoning: int | None,
    cached: int | None = None,
    searches: int | None = None,
    requests: int | None = None,
    audio_ms: int | None = None,
) -> Usage:
    """The classes of a usage object whose `completion` holds all output; `cached` where it has a name of its own."""
    prompt, beside = counts_told(usage, ("prompt_tokens", "cached_tokens"))
    inside, written, *kinds = counts_told(group(usage, "prompt_tokens_details"), _PROMPT_DETAILS)
    # Some vendors tell the cached tokens beside the prompt's, in place of inside its details.
    read = inside if inside is not None else cached if cached is not None else beside
    text, audio, image = _rest(prompt, (read or 0) + (written or 0), *kinds)
    made = counts_told(group(usage, "completion_tokens_details"), _KINDS)
    shown, audio_out, image_out = _rest(completion, reasoning or 0, *made)
    return Usage(
        input=text,
        cache_read=read,
        cache_write_5m=written,
        input_audio=audio,
        input_image=image,
        output=shown,
        reasoning=reasoning,
        output_audio=audio_out,
        output_image=image_out,
        searches=searches,
        requests=requests,
        audio_ms=audio_ms,
    )


def _rest(
    whole: int | None, taken: int, audio: int | None, image: int | None
) -> tuple[int | None, int | None, int | None]:
    """What is left of `whole` after its parts, and its kinds; a kind may lie inside a part, parts do not overlap."""
    if whole is None:
        if taken or audio or image:
            raise ImpossibleUsage("details of a count that was not told")
        return None, audio, image
    if not taken and audio is None and image is None:
        return whole, None, None
    if taken > whole or (audio or 0) > whole or (image or 0) > whole:
        raise ImpossibleUsage(f"details of {taken} tokens in a count of {whole}")
    left = whole - taken
    if audio is not None:
        left -= (audio := min(audio, left))
    if image is not None:
        left -= (image := min(image, left))
    return left, audio, image


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)
