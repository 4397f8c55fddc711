"""Hugging Face: one key for many providers of open models."""

from dataclasses import replace
from typing import Any, cast

from modelhall.providers.lists import count, entries_of, entry_of, models_of
from modelhall.providers.provider import DiscoveredModel, Discovery, Links, Provider, openai_at


def _read_models(body: bytes) -> tuple[DiscoveredModel, ...]:
    """Each model lists who serves it; the context is the smallest of them, since the router picks."""
    return models_of(entries_of(body), _model)


def _model(entry: Any) -> DiscoveredModel:
    served = [cast("dict[str, Any]", each) for each in entry.get("providers") or () if isinstance(each, dict)]
    contexts = [context for each in served if (context := count(each, "context_length"))]
    tools = {each["supports_tools"] for each in served if isinstance(each.get("supports_tools"), bool)}
    return replace(
        entry_of(entry),
        context=min(contexts, default=None),
        capabilities=frozenset({"tools"} if True in tools else ()) if tools else None,
    )


PROVIDER = Provider(
    name="huggingface",
    title="Hugging Face",
    origin="https://router.huggingface.co",
    speaks=openai_at("/v1", embeddings=False),
    key_env=("HF_TOKEN",),
    discovery=Discovery("/v1/models", _read_models),
    links=Links(
        keys="https://huggingface.co/settings/tokens",
        docs="https://huggingface.co/docs/inference-providers",
        status="https://status.huggingface.co",
        pricing="https://huggingface.co/docs/inference-providers/pricing",
    ),
    catalog="huggingface",
    hosts=("router.huggingface.co",),
)
