"""LibreChat's `librechat.yaml`: custom endpoints and Azure groups become profiles, model specs become aliases."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from modelhall.services.files.document import ModelEntry
from modelhall.services.files.places import Place
from modelhall.services.importers.addresses import plain_address, provider_at
from modelhall.services.importers.facts import facts, price_entry
from modelhall.services.importers.gathering import Account, Gathering
from modelhall.services.importers.keys import USER_PROVIDED
from modelhall.services.importers.keys import Said as SaidKey
from modelhall.services.importers.values import amount, items, name, names, table, text, whole

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
PLACEHOLDERS = ("${", "{{")
OWN = "this is LibreChat's own; nothing here stands for it"
READ = frozenset({"name", "provider", "apiKey", "baseURL", "headers", "models", "tokenConfig"})
WHY: Mapping[str, str] = {
    "addParams": "store values for each model: `modelhall model parameters`",
    "dropParams": "say what a model does not take: `modelhall model parameters`",
}
AZURE_READ = frozenset(
    {
        *("group", "apiKey", "instanceName", "deploymentName", "version", "baseURL", "additionalHeaders"),
        *("models", "serverless"),
    }
)
BUILT_IN: Mapping[str, str] = {
    "openAI": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "bedrock": "amazon-bedrock",
}
"""Endpoints whose keys LibreChat reads from variables alone, with the providers that stand for them."""


def gather(into: Gathering) -> None:
    """All that the file says."""
    endpoints = table(into.said.value.get("endpoints"))
    called: dict[tuple[str, str], str] = {}
    for number, entry in enumerate(items(endpoints.get("custom"))):
        _custom(into, ("endpoints", "custom", number), table(entry), called)
    azure = table(endpoints.get("azureOpenAI"))
    for number, entry in enumerate(items(azure.get("groups"))):
        _group(into, ("endpoints", "azureOpenAI", "groups", number), table(entry), called)
    for endpoint in endpoints:
        if endpoint in BUILT_IN:
            command = f"modelhall profile add --provider {BUILT_IN[endpoint]}"
            into.person(("endpoints", endpoint), f"its key is not in this file: `{command}`")
        elif endpoint not in ("custom", "azureOpenAI"):
            into.left(("endpoints", endpoint), OWN)
    _specs(into, called)
    for section in into.said.value:
        if section not in ("endpoints", "modelSpecs", "version"):
            into.left((section,), OWN)


def _custom(into: Gathering, place: Place, entry: Mapping[str, Any], called: dict[tuple[str, str], str]) -> None:
    title, written = text(entry.get("name")), text(entry.get("baseURL"))
    address = None if written is None else _filled(into, written)
    if title is None or address is None or address.lower() == USER_PROVIDED:
        into.left(place, "it has no name, or no address that is known here; variables can be given with --env-file")
        return
    profile = into.account(_account(into, title, address, entry, place), place)
    if profile is None:
        return
    models = table(entry.get("models"))
    for model in names(models.get("default")):
        facts_ = _facts(table(table(entry.get("tokenConfig")).get(model)))
        called[title, model] = into.model(profile, model, (*place, "models"), facts_)
    if models.get("fetch") is True:
        into.person((*place, "models"), f"its list was fetched: `modelhall model sync {profile}` brings all models in")
    for field in entry:
        if field not in READ:
            into.left((*place, field), WHY.get(field, OWN))


def _account(into: Gathering, title: str, address: str, entry: Mapping[str, Any], place: Place) -> Account:
    known = into.around.providers
    compatible = known["anthropic-compatible" if entry.get("provider") == "anthropic" else "openai-compatible"]
    try:
        provider = provider_at(plain_address(address), known) or compatible
    except ValueError:
        provider = compatible
    headers = _headers(into, entry.get("headers"), (*place, "headers"))
    return Account(provider=provider, address=address, key=said_key(entry.get("apiKey")), headers=headers, wish=title)


def said_key(written: object) -> SaidKey:
    """A key as LibreChat writes it."""
    said = text(written)
    found = VARIABLE.fullmatch(said or "")
    return SaidKey(variable=found[1]) if found else SaidKey(text=said)


def _group(into: Gathering, place: Place, entry: Mapping[str, Any], called: dict[tuple[str, str], str]) -> None:
    azure = into.around.providers["azure"]
    instance = _filled(into, text(entry.get("instanceName")) or "")
    address = azure.base_url_of({"AZURE_RESOURCE_NAME": instance}) if instance and azure.base_url_of else None
    written = text(entry.get("baseURL"))
    if written is not None:
        address = _filled(into, written)
    serverless = entry.get("serverless") is True
    account = Account(
        provider=into.around.providers["openai-compatible"] if serverless else azure,
        address=address,
        key=said_key(entry.get("apiKey")),
        headers=_headers(into, entry.get("additionalHeaders"), (*place, "additionalHeaders")),
        wish=text(entry.get("group")),
    )
    profile = into.account(account, place)
    if profile is None:
        return
    for asked, said in table(entry.get("models")).items():
        named = name(table(said).get("deploymentName")) or name(entry.get("deploymentName"))
        deployment = asked if serverless else named
        if deployment is None or name(asked) is None:
            into.left((*place, "models", asked), "it names no deployment")
            continue
        public = called["azureOpenAI", asked] = into.model(profile, deployment, (*place, "models", asked))
        into.alias(asked, [public], (*place, "models", asked))
    for field in entry:
        if field not in AZURE_READ:
            into.left((*place, field), OWN)


def _facts(said: Mapping[str, Any]) -> ModelEntry:
    """Prices per million and the window, as `tokenConfig` has them."""
    fields = {"prompt": "input", "completion": "output"}
    prices = {kind: cost for field, kind in fields.items() if (cost := amount(said.get(field))) is not None}
    return facts(context_window=whole(said.get("context")), price=price_entry(prices, "per_mtok") if prices else UNSET)


def _specs(into: Gathering, called: Mapping[tuple[str, str], str]) -> None:
    """Names that people choose by; what else a spec sets is LibreChat's own."""
    for number, entry in enumerate(items(table(into.said.value.get("modelSpecs")).get("list"))):
        place: Place = ("modelSpecs", "list", number)
        spec = table(entry)
        preset = table(spec.get("preset"))
        public = called.get((str(preset.get("endpoint")), str(preset.get("model"))))
        title = text(spec.get("name"))
        if public is None or title is None:
            into.left(place, "it leads to no model that came along")
            continue
        into.alias(title, [public], place)
        if spec.get("default") is True:
            into.default_model = public
        if further := sorted({str(field) for field in preset} - {"endpoint", "model"}):
            into.left((*place, "preset"), f"an alias has no values of its own: {', '.join(further)[:200]}")


def _headers(into: Gathering, said: object, place: Place) -> dict[str, str]:
    """Headers that are the same for each call; those with a placeholder are told."""
    plain: dict[str, str] = {}
    for header, value in table(said).items():
        if isinstance(value, str) and not any(sign in value for sign in PLACEHOLDERS):
            plain[header] = value
        else:
            into.left((*place, header), "its value is filled in by LibreChat for each call")
    return plain


def _filled(into: Gathering, written: str) -> str | None:
    """The text with its variables filled in; `None` when one is not known. Used for addresses only."""
    compatible = into.around.providers["openai-compatible"]

    def value(found: re.Match[str]) -> str:
        return into.around.address_in(found[1], compatible) or found[0]

    filled = VARIABLE.sub(value, written)
    return None if "${" in filled else filled
