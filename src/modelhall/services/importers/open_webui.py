"""Open WebUI's connections: the JSON that its admin page exports, old and new, or the variables it is started with."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from modelhall.providers.provider import Provider
from modelhall.services.files.places import Place
from modelhall.services.importers.addresses import plain_address, provider_at
from modelhall.services.importers.gathering import Account, Gathering
from modelhall.services.importers.keys import Said as SaidKey
from modelhall.services.importers.values import items, names, table, text

OWN = "this is Open WebUI's own; nothing here stands for it"
KINDS = ("openai", "ollama")
FIELDS: Mapping[str, Mapping[str, str]] = {
    "openai": {
        "enable": "ENABLE_OPENAI_API",
        "addresses": "OPENAI_API_BASE_URLS",
        "keys": "OPENAI_API_KEYS",
        "configs": "OPENAI_API_CONFIGS",
    },
    "ollama": {
        "enable": "ENABLE_OLLAMA_API",
        "addresses": "OLLAMA_BASE_URLS",
        "keys": "",
        "configs": "OLLAMA_API_CONFIGS",
    },
}
"""The variables of each kind of connection."""
SINGULAR: Mapping[str, str] = {
    "OPENAI_API_BASE_URLS": "OPENAI_API_BASE_URL",
    "OPENAI_API_KEYS": "OPENAI_API_KEY",
    "OLLAMA_BASE_URLS": "OLLAMA_BASE_URL",
}
OPENAI = "https://api.openai.com/v1"
"""What an empty address of its kind means."""
READ = frozenset({"enable", "key", "model_ids", "headers", "connection_type"})


def gather(into: Gathering) -> None:
    """All that the file says."""
    whole = into.said.value
    if variables := table(whole.get("variables")) if set(whole) == {"variables"} else {}:
        whole = _from_variables(variables)
    nested = _nested(whole)
    for kind in KINDS:
        _connections(into, kind, table(nested.get(kind)))
    _default(into, table(nested.get("ui")))
    for section in nested:
        if section not in (*KINDS, "ui", "version"):
            into.left((section,), OWN)


def _nested(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Newer exports write `openai.api_keys` on one level, older ones nest; both come out nested."""
    nested: dict[str, Any] = {}
    for name, value in whole.items():
        section, dot, field = name.partition(".")
        if dot:
            held = nested.setdefault(section, {})
            if isinstance(held, dict):
                held[field] = value
        else:
            nested.setdefault(section, value)
    return nested


def _connections(into: Gathering, kind: str, said: Mapping[str, Any]) -> None:
    keys, configs = items(said.get("api_keys")), table(said.get("api_configs"))
    usual = OPENAI if kind == "openai" else ""
    addresses = [text(each) or usual for each in items(said.get("api_base_urls") or said.get("base_urls"))]
    addresses = addresses or [usual for key in keys if text(key)]
    if said.get("enable") is False and addresses:
        into.left((kind,), "these connections are switched off there")
        return
    for number, address in enumerate(addresses):
        # Older versions named a connection's settings by its address.
        config = table(configs.get(str(number)) or configs.get(address))
        key = text(keys[number] if number < len(keys) else None) or text(config.get("key"))
        _connection(into, kind, (kind, number), address, key, config)


def _connection(
    into: Gathering, kind: str, place: Place, address: str, key: str | None, config: Mapping[str, Any]
) -> None:
    if config.get("enable") is False:
        into.left(place, "this connection is switched off there")
        return
    headers = {name: value for name, value in table(config.get("headers")).items() if isinstance(value, str)}
    account = Account(
        provider=_provider(into, kind, address, config),
        address=address or None,
        key=SaidKey(text=key),
        headers=headers,
    )
    profile = into.account(account, place)
    if profile is None:
        return
    chosen = names(config.get("model_ids"))
    prefix = text(config.get("prefix_id"))
    for model in chosen:
        public = into.model(profile, model, place)
        if prefix is not None:
            into.alias(f"{prefix}.{model}", [public], place)
    if not chosen:
        into.person(place, f"it offers all models: `modelhall model sync {profile}` brings them in")
    for field, value in config.items():
        if field not in READ and value and not (field == "prefix_id" and chosen):
            into.left((*place, field), OWN)


def _provider(into: Gathering, kind: str, address: str, config: Mapping[str, Any]) -> Provider:
    known = into.around.providers
    if config.get("azure") is True:
        return known["azure"]
    if kind == "ollama":
        return known["ollama"]
    try:
        return provider_at(plain_address(address), known) or known["openai-compatible"]
    except ValueError:
        return known["openai-compatible"]


def _default(into: Gathering, ui: Mapping[str, Any]) -> None:
    wanted = (text(ui.get("default_models")) or "").partition(",")[0].strip()
    if not wanted:
        return
    found = [public for public in into.models if public.partition("/")[2] == wanted]
    if found:
        into.default_model = found[0]
    else:
        into.person(("ui", "default_models"), f"once {wanted[:80]} is here: `modelhall model default`")


def _from_variables(said: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as the export would write them."""
    whole: dict[str, Any] = {}
    for kind, fields in FIELDS.items():
        addresses = _several(said, fields["addresses"])
        whole[kind] = {
            "enable": str(said.get(fields["enable"], "true")).lower() == "true",
            "api_base_urls": addresses,
            "api_keys": _several(said, fields["keys"]),
            "api_configs": _json(said.get(fields["configs"])),
        }
    return whole


def _several(said: Mapping[str, Any], variable: str) -> Sequence[str]:
    """Its parts, between semicolons."""
    written = text(said.get(variable)) or text(said.get(SINGULAR.get(variable, "")))
    return [] if written is None else [part.strip() for part in written.split(";")]


def _json(written: object) -> dict[str, Any]:
    try:
        return table(json.loads(str(written or "{}")[:100_000]))
    except (ValueError, RecursionError):
        return {}
