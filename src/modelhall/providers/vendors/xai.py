"""xAI: the Grok models."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from modelhall.dialects import openai_chat
from modelhall.dialects.openai_usage import read_usage_with_reasoning_apart
from modelhall.providers.lists import decimal_of, read_list_with
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

# Prices are in US cents per hundred million tokens (docs.x.ai, models, read 2026-11).
_TO_USD_PER_MILLION = Decimal("0.0001")
_NAMES = {
    "prompt_text_token_price": "input",
    "cached_prompt_text_token_price": "cache_read",
    "prompt_image_token_price": "input_image",
    "completion_text_token_price": "output",
}


def _prices(entry: Mapping[str, Any]) -> Mapping[str, Decimal]:
    told = ((kind, decimal_of(entry.get(name))) for name, kind in _NAMES.items())
    return {kind: amount * _TO_USD_PER_MILLION for kind, amount in told if amount}


PROVIDER = Provider(
    name="xai",
    title="xAI",
    origin="https://api.x.ai",
    speaks=openai_at("/v1", embeddings=False),
    key_env=("XAI_API_KEY",),
    discovery=Discovery("/v1/language-models", read_list_with(_prices)),
    links=Links(
        keys="https://console.x.ai",
        docs="https://docs.x.ai",
        status="https://status.x.ai",
        pricing="https://docs.x.ai/developers/pricing",
    ),
    catalog="xai",
    hosts=("api.x.ai",),
    # Reasoning is counted beside `completion_tokens` (docs.x.ai, rate limits; vercel/ai #12425, 2026-02).
    reads_usage={openai_chat: read_usage_with_reasoning_apart},
    output_limit_name="max_completion_tokens",
)
