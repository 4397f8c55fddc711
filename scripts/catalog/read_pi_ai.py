"""Reads pi-ai's tarball: the freshest limits, modalities and prices of chat models, and base URLs."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scripts.catalog import provider_names
from scripts.catalog.amounts import count, price
from scripts.catalog.facts import Found, Read, Row, Value
from scripts.catalog.sources import Archive

CLASSES = {"input": "input", "output": "output", "cacheRead": "cache_read", "cacheWrite": "cache_write_5m"}
KINDS = {"chat": "chat", "image": "image", "classifier": "classifier"}


def read(archive: Archive) -> Read:
    """Every model; where one id is listed as two kinds, the chat model is the one that counts."""
    found: dict[tuple[str, str], Found] = {}
    addresses: set[tuple[str, str]] = set()
    for name, content in archive.members.items():
        if not name.endswith(".json") or "/." in name:
            continue
        for models in json.loads(content, parse_float=Decimal).values():
            for model in sorted(
                models.values(), key=lambda model: (model["type"] == "chat", model["id"], model["api"])
            ):
                provider = provider_names.PI_AI.get(model["provider"], model["provider"])
                found[provider, model["id"]] = _model(provider, model)
                addresses.add((provider, model["baseUrl"]))
    return Read(tuple(found.values()), tuple(sorted(addresses)))


def _model(provider: str, model: Mapping[str, Any]) -> Found:
    kind = KINDS[model["type"]]
    facts: dict[str, Value] = {"name": model["name"], "kind": kind}
    if kind == "chat":
        facts["can.reasoning"] = bool(model["reasoning"])
        facts["can.vision"] = "image" in model["input"]
    for key, field in (("contextWindow", "context_window"), ("maxTokens", "max_output")):
        limit = count(model.get(key))
        if limit is not None and kind != "image":
            facts[field] = limit
    if model.get("promptCache"):
        facts["can.prompt_cache"] = True
    return Found("pi-ai", provider, model["id"], facts, () if kind == "classifier" else tuple(_rows(model["cost"])))


def _rows(cost: Mapping[str, Any]) -> list[Row]:
    """Zero stands for "none" in this source, so only positive prices are told."""
    rows = _tier(cost, 0)
    for tier in cost.get("tiers") or ():
        rows += _tier(tier, int(tier["inputTokensAbove"]))
    return rows


def _tier(cost: Mapping[str, Any], over: int) -> list[Row]:
    prices = [(usage_class, price(cost.get(key))) for key, usage_class in CLASSES.items()]
    return [Row(usage_class, over, usd=usd) for usage_class, usd in prices if usd]
