"""Perplexity: answers with searches on the web."""

from collections.abc import Mapping
from typing import Any

from modelhall.dialects import openai_chat, openai_embeddings
from modelhall.dialects.openai_usage import usage_of
from modelhall.domain.usage import Usage, count_told
from modelhall.providers.provider import Links, Provider


def _read_usage(usage: Mapping[str, Any]) -> Usage:
    """Reasoning and citations are counted and charged beside the rest (docs.perplexity.ai, pricing, read 2026-11)."""
    cited = count_told(usage.get("citation_tokens"), "citation_tokens") or 0
    prompt = count_told(usage.get("prompt_tokens"), "prompt_tokens")
    reasoning = count_told(usage.get("reasoning_tokens"), "reasoning_tokens")
    completion = count_told(usage.get("completion_tokens"), "completion_tokens")
    return usage_of(
        usage if prompt is None else {**usage, "prompt_tokens": prompt + cited},
        completion=None if completion is None else completion + (reasoning or 0),
        reasoning=reasoning,
        searches=count_told(usage.get("num_search_queries"), "num_search_queries"),
        requests=1,
    )


PROVIDER = Provider(
    name="perplexity",
    title="Perplexity",
    origin="https://api.perplexity.ai",
    speaks={openai_chat: "", openai_embeddings: "/v1"},
    key_env=("PERPLEXITY_API_KEY", "PPLX_API_KEY"),
    models=("sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"),
    links=Links(
        keys="https://www.perplexity.ai/account/api/keys",
        docs="https://docs.perplexity.ai",
        status="https://status.perplexity.com",
        pricing="https://docs.perplexity.ai/getting-started/pricing",
    ),
    catalog="perplexity",
    hosts=("api.perplexity.ai",),
    stream_usage="always",
    reads_usage={openai_chat: _read_usage},
    needs_more=(
        "Perplexity announced the end of Sonar chat completions for 27 September 2026. Its Agent API, which follows"
        " them, speaks the Responses shape. Embeddings are not touched."
    ),
)
