"""A LiteLLM proxy of one's own."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from modelhall.providers.lists import PER_TOKEN, count, decimal_of, entries_of, text
from modelhall.providers.provider import DiscoveredModel, Discovery, Links, Provider, anthropic_at, openai_at

_PRICES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
}
_FLAGS = {
    "supports_vision": "vision",
    "supports_function_calling": "tools",
    "supports_response_schema": "json_schema",
    "supports_reasoning": "reasoning",
    "supports_audio_input": "audio",
    "supports_pdf_input": "documents",
}


def read_info(body: bytes) -> tuple[DiscoveredModel, ...]:
    """One name may stand for several deployments: the smallest limits and the highest prices of them hold."""
    deployments: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries_of(body):
        name, info = text(entry, "model_name"), entry.get("model_info")
        if name:
            deployments.setdefault(name, []).append(cast("dict[str, Any]", info) if isinstance(info, dict) else {})
    return tuple(_model(name, infos) for name, infos in deployments.items())


def _model(name: str, infos: list[Mapping[str, Any]]) -> DiscoveredModel:
    told = [{_FLAGS[flag] for flag in _FLAGS if info.get(flag) is True} for info in infos]
    return DiscoveredModel(
        id=name,
        context=_least(infos, "max_input_tokens"),
        max_output=_least(infos, "max_output_tokens"),
        capabilities=frozenset(set[str].intersection(*told)),
        prices=_dearest(infos),
    )


def _least(infos: list[Mapping[str, Any]], name: str) -> int | None:
    limits = [limit for info in infos if (limit := count(info, name))]
    return min(limits, default=None)


def _dearest(infos: list[Mapping[str, Any]]) -> Mapping[str, Decimal]:
    """A price that one of the deployments does not tell is unknown for all."""
    prices: dict[str, Decimal] = {}
    for name, kind in _PRICES.items():
        amounts = [amount for info in infos if (amount := decimal_of(info.get(name))) is not None]
        if len(amounts) == len(infos):
            prices[kind] = max(amounts) * PER_TOKEN
    return prices


PROVIDER = Provider(
    name="litellm",
    title="LiteLLM",
    origin="http://127.0.0.1:4000",
    speaks={**openai_at("/v1", completions=True), **anthropic_at("/v1", counts_tokens=True)},
    key_optional=True,
    key_env=("LITELLM_API_KEY", "LITELLM_MASTER_KEY"),
    base_url_env=("LITELLM_BASE_URL", "LITELLM_PROXY_API_BASE"),
    base_url_has_path=False,
    base_url_hint="http://127.0.0.1:4000",
    discovery=Discovery("/model/info", read_info, one_each=False),
    links=Links(docs="https://docs.litellm.ai/docs/simple_proxy"),
    local=True,
)
