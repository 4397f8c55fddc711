"""Mistral AI."""

from collections.abc import Mapping
from typing import Any

from modelhall.dialects import openai_chat
from modelhall.dialects.openai_usage import usage_of
from modelhall.domain.usage import Usage, count_told
from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at


def _read_usage(usage: Mapping[str, Any]) -> Usage:
    """Sound is told in seconds beside the tokens; where there was none, an empty object may stand there."""
    seconds = usage.get("prompt_audio_seconds")
    heard = count_told(seconds, "prompt_audio_seconds") if isinstance(seconds, int | float) else None
    return usage_of(
        usage,
        completion=count_told(usage.get("completion_tokens"), "completion_tokens"),
        reasoning=None,
        audio_ms=heard * 1000 if heard else None,
    )


PROVIDER = Provider(
    name="mistral",
    title="Mistral AI",
    origin="https://api.mistral.ai",
    speaks=openai_at("/v1"),
    key_env=("MISTRAL_API_KEY",),
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://console.mistral.ai/api-keys",
        docs="https://docs.mistral.ai/api",
        status="https://status.mistral.ai",
        pricing="https://mistral.ai/pricing#api",
    ),
    catalog="mistral",
    hosts=("api.mistral.ai",),
    # Usage is always in the last chunk, and fields that Mistral does not know, such as `stream_options`, are refused.
    stream_usage="always",
    reads_usage={openai_chat: _read_usage},
)
