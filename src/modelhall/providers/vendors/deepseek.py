"""DeepSeek, in OpenAI's and Anthropic's shapes."""

from collections.abc import Mapping
from typing import Any

from modelhall.dialects import openai_chat, openai_completions
from modelhall.dialects.openai_usage import usage_of
from modelhall.dialects.told import group
from modelhall.domain.usage import ImpossibleUsage, Usage, count_told
from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at


def _read_usage(usage: Mapping[str, Any]) -> Usage:
    """The prompt is told as cache hits and misses (api-docs.deepseek.com, context caching, read 2026-11)."""
    hit = count_told(usage.get("prompt_cache_hit_tokens"), "prompt_cache_hit_tokens")
    missed = count_told(usage.get("prompt_cache_miss_tokens"), "prompt_cache_miss_tokens")
    prompt = count_told(usage.get("prompt_tokens"), "prompt_tokens")
    if hit is not None and missed is not None and prompt is not None and hit + missed != prompt:
        raise ImpossibleUsage(f"{hit} tokens hit and {missed} missed in a prompt of {prompt}")
    return usage_of(
        usage,
        completion=count_told(usage.get("completion_tokens"), "completion_tokens"),
        reasoning=count_told(group(usage, "completion_tokens_details").get("reasoning_tokens"), "reasoning_tokens"),
        cached=hit,
    )


PROVIDER = Provider(
    name="deepseek",
    title="DeepSeek",
    origin="https://api.deepseek.com",
    speaks={openai_chat: "", openai_completions: "/beta", **anthropic_at("/anthropic/v1")},
    key_env=("DEEPSEEK_API_KEY",),
    discovery=Discovery("/models", read_list),
    links=Links(
        keys="https://platform.deepseek.com/api_keys",
        docs="https://api-docs.deepseek.com",
        status="https://status.deepseek.com",
        pricing="https://api-docs.deepseek.com/quick_start/pricing",
    ),
    catalog="deepseek",
    hosts=("api.deepseek.com",),
    reads_usage={openai_chat: _read_usage, openai_completions: _read_usage},
)
