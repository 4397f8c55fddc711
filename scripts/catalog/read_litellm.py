"""Reads litellm's data file: retirement dates, kinds, input limits, and prices of everything that is not chat."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from scripts.catalog import provider_names
from scripts.catalog.amounts import MILLION, THOUSAND, count, price
from scripts.catalog.facts import Found, Read, Row, Value
from scripts.catalog.sources import Archive

KINDS = {
    "audio_speech": "tts",
    "audio_transcription": "stt",
    "chat": "chat",
    "completion": "completion",
    "decisions": "classifier",
    "embedding": "embedding",
    "evaluation": "classifier",
    "extraction": "classifier",
    "image_edit": "image",
    "image_generation": "image",
    "moderation": "moderation",
    "ocr": "ocr",
    "realtime": "realtime",
    "rerank": "rerank",
    "responses": "chat",
    "video_generation": "video",
}
"""Search engines, guardrails and vector stores are no models and stay out."""

PRICES: Mapping[str, tuple[str, Decimal]] = {
    "input_cost_per_token": ("input", MILLION),
    "output_cost_per_token": ("output", MILLION),
    "cache_read_input_token_cost": ("cache_read", MILLION),
    "cache_creation_input_token_cost": ("cache_write_5m", MILLION),
    "cache_creation_input_token_cost_above_1hr": ("cache_write_1h", MILLION),
    "output_cost_per_reasoning_token": ("reasoning", MILLION),
    "input_cost_per_audio_token": ("input_audio", MILLION),
    "output_cost_per_audio_token": ("output_audio", MILLION),
    "input_cost_per_image_token": ("input_image", MILLION),
    "output_cost_per_image_token": ("output_image", MILLION),
    "output_cost_per_image": ("images", MILLION),
    "input_cost_per_character": ("characters", MILLION),
    "ocr_cost_per_page": ("pages", MILLION),
    "input_cost_per_request": ("requests", MILLION),
    "input_cost_per_second": ("audio_ms", THOUSAND),
}
"""Field, the usage class it prices, and what makes it USD per million units (a second is a thousand `audio_ms`)."""

RANGED = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "output_cost_per_reasoning_token",
)
CONDITIONED = re.compile(r"^(?P<base>.+?)(?:_above_(?P<thousands>\d+)k_tokens)?(?:_(?P<tier>priority|flex|batches))?$")
TIERS = {None: "standard", "priority": "priority", "flex": "flex", "batches": "batch"}
SWITCHES = {
    "supports_audio_output": "audio_output",
    "supports_computer_use": "computer_use",
    "supports_function_calling": "tools",
    "supports_native_streaming": "streaming",
    "supports_parallel_function_calling": "parallel_tools",
    "supports_prompt_caching": "prompt_cache",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "json_schema",
    "supports_sampling_params": "sampling",
    "supports_system_messages": "system_messages",
    "supports_tool_choice": "tool_choice",
    "supports_vision": "vision",
    "supports_pdf_input": "documents",
    "supports_audio_input": "audio_input",
    "supports_video_input": "video_input",
    "supports_web_search": "web_search",
}
NO_MODEL = re.compile(
    r"\d+-x-\d+/|max-x-max/|/\d+-steps/"  # a price per picture size, not a model
    r"|^(fireworks-ai|together-ai)-|-default$"  # a price per model size
    r"|^bedrock/|^azure/(eu|us|global|global-standard)/|/preset/"  # a region or a commitment written as a path
    r"|^openai/container$|/ai_decide$|/search_api$|/guardrails$"
)


def read(archive: Archive) -> Read:
    """Every entry that is a model of a provider."""
    entries: dict[str, dict[str, Any]] = json.loads(archive.only(), parse_float=Decimal)
    found: dict[tuple[str, str], Found] = {}
    for key in sorted(entries, key=lambda key: ("/" in key, key)):
        entry = entries[key]
        kind = KINDS.get(str(entry.get("mode")))
        if kind is None or NO_MODEL.search(key) or "litellm_provider" not in entry:
            continue
        provider = provider_names.litellm(entry["litellm_provider"])
        model_id = _model_id(key, entry["litellm_provider"])
        found.setdefault((provider, model_id), _model(provider, model_id, kind, entry))
    return Read(tuple(found.values()))


def _model_id(key: str, provider: str) -> str:
    """The id without litellm's own routing prefix (`gemini/…`, `vertex_ai/…`)."""
    prefixes = {
        provider,
        provider.partition("-")[0],
        provider.removeprefix("text-completion-"),
        provider.replace("_", "-"),
    }
    if provider.startswith("azure"):
        prefixes = {"azure", "azure_ai"}
    head, slash, rest = key.partition("/")
    return rest if slash and head in prefixes else key


def _model(provider: str, model_id: str, kind: str, entry: Mapping[str, Any]) -> Found:
    facts: dict[str, Value] = {"kind": kind}
    # Its `max_input_tokens` is the limit on input, not the whole window: gpt-5 takes 272,000 of its 400,000 as input.
    for key, field in (("max_input_tokens", "max_input"), ("max_output_tokens", "max_output")):
        limit = count(entry.get(key))
        if limit is not None:
            facts[field] = limit
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(entry.get("deprecation_date"))):
        facts["retires"] = str(entry["deprecation_date"])
    for key, capability in SWITCHES.items():
        if isinstance(entry.get(key), bool):
            facts[f"can.{capability}"] = entry[key]
    for key, side in (("supported_modalities", "input"), ("supported_output_modalities", "output")):
        told = {kind for kind in entry.get(key) or () if kind in {"text", "image", "audio", "video"}}
        if told:
            facts[side] = tuple(sorted(told))
    return Found("litellm", provider, model_id, facts, tuple(sorted(_rows(kind, entry))))


def _rows(kind: str, entry: Mapping[str, Any]) -> Iterator[Row]:
    for key, value in entry.items():
        parts = CONDITIONED.match(key)
        base = parts["base"] if parts else key
        if parts is None or base not in PRICES or not _fits(kind, base):
            continue
        usage_class, times = PRICES[base]
        usd = price(value, times)
        if usd is not None and (usd or usage_class in {"input", "output"}):
            yield Row(usage_class, int(parts["thousands"] or 0) * 1000, TIERS[parts["tier"]], usd=usd)
    yield from _ranges(entry.get("tiered_pricing"))
    per_query: dict[str, Any] = entry.get("search_context_cost_per_query") or {}
    search = price(per_query.get("search_context_size_medium"), MILLION)
    if kind == "rerank":
        search = price(entry.get("input_cost_per_query"), MILLION)
    if search:
        yield Row("searches", usd=search)


def _fits(kind: str, base: str) -> bool:
    """Seconds are audio only where speech is read; a picture is a piece only where pictures are made."""
    if base == "input_cost_per_second":
        return kind == "stt"
    return base != "output_cost_per_image" or kind == "image"


def _ranges(tiers: list[dict[str, Any]] | None) -> Iterator[Row]:
    for tier in tiers or ():
        for key in RANGED if "range" in tier else ():
            usd = price(tier.get(key), MILLION)
            if usd is not None:
                yield Row(PRICES[key][0], int(tier["range"][0]), usd=usd)
