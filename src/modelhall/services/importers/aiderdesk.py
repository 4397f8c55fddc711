"""AiderDesk's settings: provider profiles and models (hotovo/aider-desk, `packages/common/src`, 2026-11)."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET

from modelhall.providers.provider import Provider
from modelhall.services.files.document import ModelEntry
from modelhall.services.files.places import Place
from modelhall.services.importers.facts import facts, price_entry
from modelhall.services.importers.gathering import Account, Gathering
from modelhall.services.importers.keys import Said as SaidKey
from modelhall.services.importers.values import amount, first, items, name, number, table, text, whole

VENDORS: Mapping[str, str] = {
    "bedrock": "amazon-bedrock",
    "gemini": "google",
    "vertex-ai": "google-vertex",
    "zai-plan": "zai",
    "gpustack": "openai-compatible",
}
"""AiderDesk's words for providers, where they differ; plans with an address of their own are not among them."""
PLAN_ADDRESSES: Mapping[str, str] = {"zai-plan": "https://api.z.ai/api/coding/paas/v4"}
"""Where a plan is not served at its provider's usual address (docs.z.ai/devpack/tool/others, 2026-11)."""
PRICES: Mapping[str, str] = {
    "inputCostPerToken": "input",
    "outputCostPerToken": "output",
    "cacheReadInputTokenCost": "cache_read",
    "cacheWriteInputTokenCost": "cache_write_5m",
}
READ = frozenset({"name", "apiKey", "baseUrl", "customBaseUrl", "resourceName", "region", "project", "location"})
OWN = "this is AiderDesk's own; nothing here stands for it"


def gather(into: Gathering) -> None:
    """Profiles and models, from `providers` and `models`, or from the settings of older versions."""
    profiles: dict[str, str] = {}
    for place, entry in _accounts(into.said.value):
        known_as = name(entry.get("id"))
        profile = None if known_as is None else _profile(into, place, entry)
        if known_as is None:
            into.left(place, "it has no id")
        elif profile is not None:
            profiles[known_as] = profile
    for number_, entry in enumerate(items(into.said.value.get("models"))):
        _model(into, ("models", number_), table(entry), profiles)
    for profile in profiles.values():
        into.person(("providers",), f"AiderDesk asks for the list of models: `modelhall model sync {profile}`")
    for section in into.said.value:
        if section not in ("providers", "models", "version", "settingsVersion"):
            into.left((section,), OWN)


def _accounts(said: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Newer versions have a list; older ones a table by the provider's name, in their settings."""
    for number_, entry in enumerate(items(said.get("providers"))):
        yield ("providers", number_), table(entry)
    settings = table(said.get("settings")) or said
    for vendor, entry in table(settings.get("llmProviders")).items():
        yield ("llmProviders", vendor), {"id": vendor, "provider": {"name": vendor, **table(entry)}}


def _profile(into: Gathering, place: Place, entry: Mapping[str, Any]) -> str | None:
    said = table(entry.get("provider"))
    vendor = text(said.get("name")) or ""
    provider = into.around.providers.get(VENDORS.get(vendor, vendor))
    if provider is None or provider.supervised:
        into.left(place, f"there is no provider for {vendor[:60]!r}; add it as openai-compatible with its address")
        return None
    headers = {name: value for name, value in table(entry.get("headers")).items() if isinstance(value, str)}
    account = Account(
        provider=provider,
        address=PLAN_ADDRESSES.get(vendor) or _address(provider, said),
        key=SaidKey(text=text(said.get("apiKey"))),
        headers=headers,
        region=text(said.get("region")),
        wish=text(entry.get("id")),
        enabled=entry.get("disabled") is not True,
    )
    profile = into.account(account, place)
    if "accessKeyId" in said:
        into.person(place, "access keys were not taken; " + provider.needs_more)
    for field, value in said.items():
        if field not in READ and value not in (None, "", False):
            into.left((*place, "provider", field), OWN)
    return profile


def _address(provider: Provider, said: Mapping[str, Any]) -> str | None:
    written = first(said, "baseUrl", "customBaseUrl")
    if written is not None or provider.base_url_of is None:
        return written
    told = {
        "AZURE_RESOURCE_NAME": text(said.get("resourceName")),
        "AWS_REGION": text(said.get("region")),
        "GOOGLE_VERTEX_PROJECT": text(said.get("project")),
        "GOOGLE_VERTEX_LOCATION": text(said.get("location")),
    }
    return provider.base_url_of({variable: value for variable, value in told.items() if value})


def _model(into: Gathering, place: Place, entry: Mapping[str, Any], profiles: Mapping[str, str]) -> None:
    model, profile = name(entry.get("id")), profiles.get(str(entry.get("providerId")))
    if model is None or profile is None:
        into.left(place, "its provider did not come along")
        return
    into.model(profile, model, place, _facts(entry))
    if entry.get("providerOverrides"):
        into.left((*place, "providerOverrides"), "say what a model takes: `modelhall model parameters`")


def _facts(entry: Mapping[str, Any]) -> ModelEntry:
    prices = {kind: cost for field, kind in PRICES.items() if (cost := amount(entry.get(field))) is not None}
    temperature = number(entry.get("temperature"))
    return facts(
        context_window=whole(entry.get("maxInputTokens")),
        max_output=whole(entry.get("maxOutputTokensLimit")) or whole(entry.get("maxOutputTokens")),
        capabilities={"tools": entry["supportsTools"]} if isinstance(entry.get("supportsTools"), bool) else None,
        price=price_entry(prices, "per_token") if prices else UNSET,
        defaults=UNSET if temperature is None else {"temperature": temperature},
        hidden=entry.get("isHidden") is True,
    )
