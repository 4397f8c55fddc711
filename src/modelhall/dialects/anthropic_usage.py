"""Anthropic's usage object, taken apart into classes that do not overlap."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from modelhall.dialects.told import group
from modelhall.domain.usage import ImpossibleUsage, Usage, count_told


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """`input_tokens` is what no cache read or wrote; thinking is inside `output_tokens`. Raises ImpossibleUsage.

    The tokens of compactions are not in the upper counts and are added (anthropic 2.10.0, `BetaUsage.iterations`).
    """
    compactions = tuple(_compactions(usage))
    own = (usage, *compactions)
    output = _sum(count_told(part.get("output_tokens"), "output_tokens") for part in own)
    thinking = count_told(group(usage, "output_tokens_details").get("thinking_tokens"), "thinking_tokens")
    if (thinking or 0) > (output or 0):
        raise ImpossibleUsage(f"{thinking} tokens of thinking in {output} of output")
    writes = [_writes(part) for part in own]
    return Usage(
        input=_sum(count_told(part.get("input_tokens"), "input_tokens") for part in own),
        cache_read=_sum(count_told(part.get("cache_read_input_tokens"), "cache_read") for part in own),
        cache_write_5m=_sum(short for short, _ in writes),
        cache_write_1h=_sum(long for _, long in writes),
        output=None if output is None else output - (thinking or 0),
        reasoning=thinking,
        searches=count_told(group(usage, "server_tool_use").get("web_search_requests"), "web_search_requests"),
    )


def _compactions(usage: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    steps = usage.get("iterations")
    if not isinstance(steps, list):
        return
    for step in cast("list[Any]", steps):
        if isinstance(step, dict) and cast("dict[str, Any]", step).get("type") == "compaction":
            yield cast("dict[str, Any]", step)


def _writes(usage: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Cache writes that live five minutes and an hour; without the split they are the usual five minutes."""
    total = count_told(usage.get("cache_creation_input_tokens"), "cache_creation_input_tokens")
    split = group(usage, "cache_creation")
    short = count_told(split.get("ephemeral_5m_input_tokens"), "ephemeral_5m_input_tokens")
    long = count_told(split.get("ephemeral_1h_input_tokens"), "ephemeral_1h_input_tokens")
    if short is None and long is None:
        return total, None
    if total is None:
        return short, long
    if (short or 0) + (long or 0) > total:
        raise ImpossibleUsage(f"{short} and {long} tokens in {total} of cache writes")
    return total - (long or 0), long


def _sum(counts: Iterable[int | None]) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told else None
