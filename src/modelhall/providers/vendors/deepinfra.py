"""DeepInfra: open models."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from modelhall.providers.lists import PER_MILLION, count, entries_of, entry_of, models_of, prices_in
from modelhall.providers.provider import DiscoveredModel, Discovery, Links, Provider, openai_at

_NAMES = {"input_tokens": "input", "output_tokens": "output", "cache_read_tokens": "cache_read"}


def _read_models(body: bytes) -> tuple[DiscoveredModel, ...]:
    """Limits and prices, in USD per million, stand in `metadata`."""
    return models_of(entries_of(body), _model)


def _model(entry: Mapping[str, Any]) -> DiscoveredModel:
    held = entry.get("metadata")
    told = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
    return replace(
        entry_of(entry, prices_in(told, "pricing", _NAMES, PER_MILLION)),
        context=count(told, "context_length"),
        max_output=count(told, "max_tokens"),
    )


PROVIDER = Provider(
    name="deepinfra",
    title="DeepInfra",
    origin="https://api.deepinfra.com",
    speaks=openai_at("/v1/openai", completions=True),
    key_env=("DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"),
    discovery=Discovery("/v1/openai/models", _read_models),
    links=Links(
        keys="https://deepinfra.com/dash/api_keys",
        docs="https://deepinfra.com/docs/openai_api",
        status="https://status.deepinfra.com",
        pricing="https://deepinfra.com/pricing",
    ),
    catalog="deepinfra",
    hosts=("api.deepinfra.com",),
)
