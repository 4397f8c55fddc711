"""OpenRouter: hundreds of models through one key."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from modelhall.providers.lists import count, entries_of, entry_of, models_of, per_token
from modelhall.providers.provider import DiscoveredModel, Discovery, Links, Provider, anthropic_at, openai_at

_CAN = {"tools": "tools", "structured_outputs": "json_schema", "reasoning": "reasoning"}
_TAKES = {"image": "vision", "audio": "audio", "file": "documents"}


def _read_models(body: bytes) -> tuple[DiscoveredModel, ...]:
    """What a model takes is in `architecture`, what it can do in `supported_parameters`."""
    return models_of(entries_of(body), _model)


def _model(entry: Mapping[str, Any]) -> DiscoveredModel:
    top, shape = _object(entry, "top_provider"), _object(entry, "architecture")
    can = {_CAN[word] for word in entry.get("supported_parameters") or () if word in _CAN}
    takes = {_TAKES[word] for word in shape.get("input_modalities") or () if word in _TAKES}
    return replace(
        entry_of(entry, per_token(entry)),
        max_output=count(top, "max_completion_tokens"),
        capabilities=frozenset(can | takes),
        takes=frozenset(word for word in entry.get("supported_parameters") or () if isinstance(word, str)) or None,
    )


def _object(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    held = entry.get(name)
    return cast("dict[str, Any]", held) if isinstance(held, dict) else {}


PROVIDER = Provider(
    name="openrouter",
    title="OpenRouter",
    origin="https://openrouter.ai",
    speaks={**openai_at("/api/v1", completions=True), **anthropic_at("/api/v1")},
    key_env=("OPENROUTER_API_KEY",),
    headers=(("x-title", "Modelhall"),),
    discovery=Discovery("/api/v1/models", _read_models, needs_key=False),
    links=Links(
        keys="https://openrouter.ai/settings/keys",
        docs="https://openrouter.ai/docs",
        status="https://status.openrouter.ai",
        pricing="https://openrouter.ai/models",
    ),
    catalog="openrouter",
    hosts=("openrouter.ai",),
    # Usage always comes; asking for it has no effect (openrouter.ai/docs, usage accounting, read 2026-11).
    stream_usage="always",
)
