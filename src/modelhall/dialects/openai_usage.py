"""Usage objects of the OpenAI family, taken apart into classes that do not overlap."""

from collections.abc import Mapping
from typing import Any

from modelhall.dialects.told import group
from modelhall.domain.usage import ImpossibleUsage, Usage, count_told


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """As OpenAI tells it: cached, written, audio and image tokens inside the prompt, reasoning inside the completion.

    Where the total says that reasoning came on top of prompt and completion, it did. Raises ImpossibleUsage.
    """
    reasoning = _told(group(usage, "completion_tokens_details"), "reasoning_tokens")
    completion = _told(usage, "completion_tokens")
    apart = bool(reasoning) and _told(usage, "total_tokens") == (
        (_told(usage, "prompt_tokens") or 0) + (completion or 0) + (reasoning or 0)
    )
    return usage_of(usage, completion=_plus(completion, reasoning) if apart else completion, reasoning=reasoning)


def read_usage_with_reasoning_apart(usage: Mapping[str, Any]) -> Usage:
    """For vendors whose `completion_tokens` is the visible text only.

    Reasoning is told in the details, or is what the total has above prompt and completion. Raises ImpossibleUsage.
    """
    prompt, completion = _told(usage, "prompt_tokens"), _told(usage, "completion_tokens")
    total = _told(usage, "total_tokens")
    reasoning = _told(group(usage, "completion_tokens_details"), "reasoning_tokens")
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
    details, made = group(usage, "prompt_tokens_details"), group(usage, "completion_tokens_details")
    prompt = _told(usage, "prompt_tokens")
    # Some vendors tell the cached tokens beside the prompt's, in place of inside its details.
    read = next(
        (n for n in (_told(details, "cached_tokens"), cached, _told(usage, "cached_tokens")) if n is not None), None
    )
    written = _told(details, "cache_write_tokens")
    text, audio, image = _rest(
        prompt, (read, written), (_told(details, "audio_tokens"), _told(details, "image_tokens"))
    )
    shown, audio_out, image_out = _rest(
        completion, (reasoning,), (_told(made, "audio_tokens"), _told(made, "image_tokens"))
    )
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
    whole: int | None, parts: tuple[int | None, ...], kinds: tuple[int | None, int | None]
) -> tuple[int | None, int | None, int | None]:
    """What is left of `whole` after its parts, and its kinds; a kind may lie inside a part, parts do not overlap."""
    taken = sum(part or 0 for part in parts)
    if whole is None:
        if taken or any(kinds):
            raise ImpossibleUsage("details of a count that was not told")
        return None, *kinds
    if taken > whole or any((kind or 0) > whole for kind in kinds):
        raise ImpossibleUsage(f"details of {taken} tokens in a count of {whole}")
    left = whole - taken
    found: list[int | None] = []
    for kind in kinds:
        own = None if kind is None else min(kind, left)
        found.append(own)
        left -= own or 0
    return left, found[0], found[1]


def _told(counts: Mapping[str, Any], name: str) -> int | None:
    return count_told(counts.get(name), name)


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)
