"""GitHub Models: many vendors' models with a GitHub token."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from modelhall.providers.lists import count, entries_of, entry_of, models_of, text
from modelhall.providers.provider import DiscoveredModel, Discovery, Links, Provider, openai_at

_CAN = {"tool-calling": "tools", "structured-output": "json_schema", "reasoning": "reasoning"}
_TAKES = {"image": "vision", "audio": "audio"}


def _read_models(body: bytes) -> tuple[DiscoveredModel, ...]:
    """The catalog is a bare list (docs.github.com, REST, models, catalog, read 2026-11)."""
    return models_of(entries_of(body), _model)


def _model(entry: Mapping[str, Any]) -> DiscoveredModel:
    held = entry.get("limits")
    limits = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
    can = {_CAN[word] for word in entry.get("capabilities") or () if word in _CAN}
    takes = {_TAKES[word] for word in entry.get("supported_input_modalities") or () if word in _TAKES}
    return replace(
        entry_of(entry),
        maker=text(entry, "publisher"),
        context=count(limits, "max_input_tokens"),
        max_output=count(limits, "max_output_tokens"),
        capabilities=frozenset(can | takes),
    )


PROVIDER = Provider(
    name="github-models",
    title="GitHub Models",
    origin="https://models.github.ai",
    speaks=openai_at("/inference"),
    key_env=("GITHUB_TOKEN",),
    discovery=Discovery("/catalog/models", _read_models),
    links=Links(
        keys="https://github.com/settings/personal-access-tokens",
        docs="https://docs.github.com/en/rest/models/inference",
        status="https://www.githubstatus.com",
        pricing="https://docs.github.com/en/billing/concepts/product-billing/github-models",
    ),
    catalog="github-models",
    hosts=("models.github.ai",),
)
