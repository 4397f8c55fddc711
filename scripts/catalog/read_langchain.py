"""Reads LangChain's model profiles: a second, newer word on the capabilities of four providers."""

from collections.abc import Mapping
from typing import Any

from scripts.catalog import provider_names
from scripts.catalog.amounts import count
from scripts.catalog.facts import Found, Read, Value
from scripts.catalog.python_literals import assigned
from scripts.catalog.sources import Archive

SWITCHES = {
    "reasoning_output": "reasoning",
    "tool_calling": "tools",
    "tool_choice": "tool_choice",
    "structured_output": "json_schema",
    "temperature": "sampling",
}
MODALITIES = {"text": "text", "image": "image", "audio": "audio", "video": "video", "pdf": "document"}


def read(archive: Archive) -> Read:
    """Every profile of one package."""
    provider = provider_names.LANGCHAIN[archive.pin.package]
    profiles: dict[str, dict[str, Any]] = assigned(archive.only(), "_PROFILES")
    return Read(tuple(_model(provider, model_id, profile) for model_id, profile in profiles.items()))


def _model(provider: str, model_id: str, profile: Mapping[str, Any]) -> Found:
    facts: dict[str, Value] = {}
    for key, field in (("name", "name"), ("release_date", "released"), ("open_weights", "open_weights")):
        if profile.get(key) is not None:
            facts[field] = profile[key]
    # Its "max input" is the input limit where models.dev has one, else the context window.
    for key, field in (("max_input_tokens", "max_input"), ("max_output_tokens", "max_output")):
        limit = count(profile.get(key))
        if limit is not None:
            facts[field] = limit
    for key, capability in SWITCHES.items():
        if profile.get(key) is not None:
            facts[f"can.{capability}"] = bool(profile[key])
    for side in ("input", "output"):
        told = {name for kind, name in MODALITIES.items() if profile.get(f"{kind}_{side}s")}
        if told:
            facts[side] = tuple(sorted(told))
    return Found("langchain", provider, model_id, facts)
