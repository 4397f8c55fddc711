"""One entry of LiteLLM's list of models: which vendor, which account, which model, with what facts and prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType

from modelhall.providers.provider import Provider
from modelhall.providers.registry import ALIASES
from modelhall.services.files.document import ModelEntry, PriceEntry
from modelhall.services.files.places import Place
from modelhall.services.importers.addresses import plain_address, provider_at
from modelhall.services.importers.facts import facts, price_entry
from modelhall.services.importers.gathering import Account, Gathering
from modelhall.services.importers.keys import Said as SaidKey
from modelhall.services.importers.litellm_words import CAPABILITIES, KINDS, PRICES, STORED, UNPREFIXED, VENDORS
from modelhall.services.importers.values import amount, first, name, number, table, text, whole

VARIABLE = "os.environ/"
LAST = 10**6
WAYS = frozenset({"converse", "converse_like", "invoke"})


@dataclass(frozen=True, slots=True)
class Deployment:
    """What an entry became."""

    model: str | None
    """Its public name; `None`: a pattern, which stands for all models of the account."""
    order: int = LAST


def deployment_of(into: Gathering, place: Place, entry: Mapping[str, Any]) -> Deployment | None:
    """The model behind an entry; `None` where there can be none, which is then told."""
    params, info = table(entry.get("litellm_params")), table(entry.get("model_info"))
    at = (*place, "litellm_params")
    vendor = _vendor(into, params)
    if vendor is None:
        into.left((*at, "model"), "no provider of this house can be told from its name")
        return None
    provider, model_id = vendor
    account = _account(into, provider, params, at)
    profile = None if account is None else into.account(account, at)
    if account is None or profile is None:
        return None
    if "*" in model_id:
        into.person((*at, "model"), f"it stands for all models: `modelhall model sync {profile}` brings them in")
        return Deployment(None)
    model_id = _in_its_own_words(account.provider, model_id)
    public = into.model(profile, model_id, (*at, "model"), _entry(into, params, info, place))
    order = whole(params.get("order"))
    return Deployment(public, LAST if order is None else order)


def _vendor(into: Gathering, params: Mapping[str, Any]) -> tuple[Provider, str] | None:
    """The provider, and its own name of the model."""
    known, model = into.around.providers, name(params.get("model"))
    if model is None or model.startswith(VARIABLE):
        return None
    said, (prefix, slash, rest) = text(params.get("custom_llm_provider")), model.partition("/")
    if said is not None and (provider := _known(known, said)) is not None:
        return provider, rest if slash and _known(known, prefix) is provider else model
    if slash and rest and (provider := _known(known, prefix)) is not None:
        return provider, rest
    for vendor in () if slash else UNPREFIXED:
        if vendor in known and into.around.catalog.match(vendor, model) is not None:
            return known[vendor], model
    return None


def _in_its_own_words(provider: Provider, model_id: str) -> str:
    """LiteLLM writes the way of calling before some names, and leaves the maker out of others."""
    if provider.name == "google-vertex" and model_id.startswith("gemini"):
        return f"google/{model_id}"
    if provider.name == "amazon-bedrock":
        way, _, rest = model_id.partition("/")
        return rest if way in WAYS and rest else model_id
    return model_id


def _known(known: Mapping[str, Provider], word: str) -> Provider | None:
    named = known.get(VENDORS.get(word, word)) or known.get(ALIASES.get(word, ""))
    return None if named is None or named.supervised else named


def _account(into: Gathering, provider: Provider, params: Mapping[str, Any], at: Place) -> Account | None:
    """Whom the entry calls; `None` when its address is not known, which is then told."""
    written = first(params, "api_base", "base_url")
    address = None if written is None else _value(into, provider, written)
    if written is not None and address is None:
        variable = written.removeprefix(VARIABLE)[:80]
        into.person(at, f"its address is in {variable}, which is not known: give its value with --env-file")
        return None
    if written is None:
        address = _regional(into, provider, params)
    headers = {**table(params.get("headers")), **table(params.get("extra_headers"))}
    return Account(
        provider=provider if address is None else _of_address(into, provider, address),
        address=address,
        key=said_key(text(params.get("api_key"))),
        headers={name: value for name, value in headers.items() if isinstance(value, str)},
        organisation=text(params.get("organization")),
    )


def said_key(written: str | None) -> SaidKey:
    """A key as LiteLLM writes it."""
    if written is not None and written.startswith(VARIABLE):
        return SaidKey(variable=written.removeprefix(VARIABLE))
    return SaidKey(text=written)


def _regional(into: Gathering, provider: Provider, params: Mapping[str, Any]) -> str | None:
    """The address of vendors that have one for each region or project."""
    if provider.origin is not None or provider.base_url_of is None:
        return None
    said = {
        "AWS_REGION": first(params, "aws_region_name", "region_name"),
        "GOOGLE_VERTEX_PROJECT": text(params.get("vertex_project")),
        "GOOGLE_VERTEX_LOCATION": text(params.get("vertex_location")),
    }
    values = {variable: _value(into, provider, written) for variable, written in said.items() if written}
    return provider.base_url_of({variable: value for variable, value in values.items() if value})


def _value(into: Gathering, provider: Provider, written: str) -> str | None:
    """What is written, or what its variable holds."""
    if not written.startswith(VARIABLE):
        return written
    return into.around.address_in(written.removeprefix(VARIABLE), provider)


def _of_address(into: Gathering, provider: Provider, address: str) -> Provider:
    """Whose the address is: a vendor's shape at a server of one's own is a compatible one."""
    known = into.around.providers
    try:
        at_host = provider_at(plain_address(address), known)
    except ValueError:
        return provider
    if provider.origin is None or at_host is provider:
        return provider
    if provider.name == "openai":
        return at_host or known["openai-compatible"]
    return known["anthropic-compatible"] if provider.name == "anthropic" else provider


def _entry(into: Gathering, params: Mapping[str, Any], info: Mapping[str, Any], place: Place) -> ModelEntry:
    """What the file says of the model."""
    both = {**info, **params}
    amounts = {kind: cost for field, kind in PRICES.items() if (cost := amount(both.get(field))) is not None}
    stored = {each: value for each in STORED if (value := number(params.get(each))) is not None}
    return facts(
        kind=KINDS.get(str(info.get("mode"))),
        context_window=whole(info.get("max_input_tokens")),
        max_output=whole(info.get("max_output_tokens")),
        capabilities={ours: info[word] for word, ours in CAPABILITIES.items() if isinstance(info.get(word), bool)},
        price=_price(into, both, amounts, place),
        defaults=stored or UNSET,
    )


def _price(
    into: Gathering, fields: Mapping[str, Any], amounts: Mapping[str, Decimal], place: Place
) -> PriceEntry | UnsetType:
    """The price, where the file has one for tokens in and out of this account's own."""
    further = [field for field in fields if "cost" in field and field not in PRICES]
    if further:
        into.person(place, f"prices under conditions or for pieces were not taken: {', '.join(further)[:200]}")
    return price_entry(amounts, "per_token") if amounts else UNSET
