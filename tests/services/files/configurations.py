"""Configurations by chance: every kind of object, with texts that a careless writer or reader would spoil."""

from __future__ import annotations

from random import Random
from typing import Any

TEXTS = (
    "plain",
    "no",
    "true",
    "1e3",
    "012",
    "0x1F",
    "~",
    "- dash",
    "# hash",
    "a: b",
    'quote " and \\ back',
    "it's",
    "äöü 漢字 🎈",
    "[x] {y}",
    "=",
    "2026-01-01",
    "%percent @at `tick` !bang &and *star",
    "'''",
    '"""',
    "é" * 40,
)
LONG = (*TEXTS, "two\nlines", "tab\tand\r\nreturn", "\nbegins and ends\n", "\\u0041")
MODEL_IDS = ("gpt-4o", "gpt-4o-mini", "ft:gpt-4o:us/acme.1", "own model", "a/b/c", "x@y", 'quo"te', "12", "true", "é")
CLASSES = ("input", "output", "cache_read", "images", "requests")
PARAMETERS = ("temperature", "top_p", "reasoning_effort", "seed")


def some_configuration(seed: int) -> dict[str, Any]:
    """The fields of a file; the same for the same seed."""
    chance = Random(seed)
    profiles = [_profile(chance, f"p{number}.{chance.choice('abc')}-x") for number in range(chance.randint(1, 2))]
    names = [f"{each['id']}/{name}" for each in profiles for name in chance.sample(MODEL_IDS, chance.randint(1, 3))]
    models = [_model(chance, name, names[number + 1 :]) for number, name in enumerate(names)]
    off = tuple(f"{each['id']}/" for each in profiles if each.get("enabled") is False)
    usable = [each["name"] for each in models if each["active"] and "held_back" not in each]
    usable = [name for name in usable if not name.startswith(off)]
    whole: dict[str, Any] = {
        "modelhall": {"format": 1, "whole": True},
        "organisation": {"name": chance.choice(TEXTS), "activate_on_sync": chance.random() < 0.5},
        "profile": profiles,
        "model": models,
        "collection": [
            {"name": f"set-{number}", "models": _some(chance, names)} for number in range(chance.randint(0, 2))
        ],
        "alias": [_alias(chance, f"alias.{number}", names) for number in range(chance.randint(0, 2))],
        "project": [_project(chance, f"project_{number}", names) for number in range(chance.randint(0, 2))],
        "member": [{"login": f"somebody-{seed}", "role": chance.choice(("admin", "member", "viewer"))}],
    }
    for each in profiles:
        _maybe(
            chance, each, "default_model", chance.choice([name for name in names if name.startswith(f"{each['id']}/")])
        )
    if chance.random() < 0.6:
        whole["organisation"]["policy"] = {"no_training": True, "regions": ["ch", "eu"], "ceiling_usd_per_mtok": "12.5"}
    if usable:
        whole["organisation"]["default_model"] = chance.choice(usable)
    return whole


def _profile(chance: Random, slug: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": slug, "provider": "openai", "name": chance.choice(TEXTS)}
    if slug.endswith("b-x"):  # evidence is about one address, so a profile of one id stays at one
        fields["base_url"] = "https://models.example.org:8443/v1"
    _maybe(chance, fields, "organisation", chance.choice(TEXTS))
    _maybe(chance, fields, "region", chance.choice(TEXTS))
    _maybe(chance, fields, "notes", chance.choice(LONG))
    _maybe(chance, fields, "purpose", "production")
    _maybe(chance, fields, "residency", "eu")
    _maybe(chance, fields, "allow_private", True)
    _maybe(chance, fields, "enabled", chance.random() < 0.8)
    _maybe(chance, fields, "parameters", {"temperature": 0.3, "stop": ["\n", "no"]})
    _maybe(chance, fields, "evidence", _evidence(chance))
    _maybe(chance, fields, "keys", ["env:OPENAI_API_KEY", "env:OTHER"][: chance.randint(1, 2)])
    return fields


def _model(chance: Random, name: str, later: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": name, "active": chance.random() < 0.7, "custom": chance.random() < 0.5}
    _maybe(chance, fields, "hidden", True)
    _maybe(chance, fields, "title", chance.choice(TEXTS))
    _maybe(chance, fields, "notes", chance.choice(LONG))
    _maybe(chance, fields, "category", "coding")
    _maybe(chance, fields, "tags", sorted(chance.sample(TEXTS, 3)))
    _maybe(chance, fields, "held_back", chance.choice(TEXTS), 0.1)
    if later:
        _maybe(chance, fields, "successor", chance.choice(later))
    _maybe(chance, fields, "kind", "chat")
    _maybe(chance, fields, "context_window", 2_000_000)
    _maybe(chance, fields, "max_output", 1000)
    _maybe(chance, fields, "knowledge_cutoff", "2025-03")
    _maybe(chance, fields, "capabilities", {"vision": True, "tools": False})
    _maybe(chance, fields, "parameters", {chance.choice(PARAMETERS): chance.choice(({"taken": False}, {"min": 0.5}))})
    _maybe(chance, fields, "defaults", {"temperature": chance.choice((0, 0.7, 1.25)), "max_tokens": 500})
    _maybe(chance, fields, "price", _price(chance))
    _maybe(chance, fields, "evidence", _evidence(chance))
    return fields


def _evidence(chance: Random) -> dict[str, Any]:
    """Also such as counts no more."""
    told: dict[str, Any] = {"reference": chance.choice(TEXTS), "dated": "2026-02-03"}
    _maybe(chance, told, "address", "https://example.org/terms?a=b#c")
    _maybe(chance, told, "valid_until", chance.choice(("2026-02-04", "2999-12-31")))
    _maybe(chance, told, "entered_by", chance.choice(TEXTS))
    values: dict[str, Any] = {"zero_retention": True, "no_training": chance.random() < 0.5, "regions": ["ch", "eu"]}
    return {fact: {**told, "value": values[fact]} for fact in chance.sample([*values], chance.randint(1, 3))}


def _price(chance: Random) -> dict[str, Any]:
    told = {"unit": chance.choice(("per_mtok", "per_1k")), "as_of": "2026-02-03", "entered_by": chance.choice(TEXTS)}
    amounts = {name: chance.choice(("0", "0.000001", "2.5", "999999999")) for name in chance.sample(CLASSES, 2)}
    rates = [{"usage_class": "input", "usd_per_million": "7.25", "context_over": 128_000, "utc_hours": [22, 6]}]
    rates += [{"usage_class": "output", "usd_per_million": "3", "service_tier": "flex"}]
    return {**told, "usd_per_million": amounts, "rates": rates[: chance.randint(0, 2)]}


def _alias(chance: Random, name: str, models: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": name, "models": _some(chance, models)}
    _maybe(chance, fields, "ceiling_usd_per_mtok", "12.50")
    return fields


def _project(chance: Random, slug: str, models: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": slug, "name": chance.choice(TEXTS)}
    allowed = _some(chance, models)
    _maybe(chance, fields, "models", allowed)
    _maybe(chance, fields, "default_model", chance.choice(allowed))
    _maybe(chance, fields, "notes", chance.choice(LONG))
    _maybe(chance, fields, "parameters", {"temperature": 0.3, "stop": ["\n", "no"], "reasoning_effort": "none"})
    _maybe(chance, fields, "policy", {"zero_retention": True, "regions": ["eu"], "purposes": ["production", "spare"]})
    return fields


def _some(chance: Random, names: list[str]) -> list[str]:
    return chance.sample(names, chance.randint(1, len(names)))


def _maybe(chance: Random, fields: dict[str, Any], name: str, value: object, likely: float = 0.4) -> None:
    if chance.random() < likely:
        fields[name] = value
