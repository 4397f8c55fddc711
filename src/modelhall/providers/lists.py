"""Reads providers' lists of models: the OpenAI shape with the extra fields that vendors are known to add."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import msgspec

from modelhall.domain.errors import ProviderBroke
from modelhall.providers.provider import DiscoveredModel

MOST_MODELS = 20_000
MOST_PARTS = 150_000
"""Of a list, told by its commas: four megabytes of `{},` would become ninety of objects."""

Entry = Mapping[str, Any]
Prices = Callable[[Entry], Mapping[str, Decimal]]
Reader = Callable[[bytes], tuple[DiscoveredModel, ...]]

_CONTEXT = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
    "input_token_limit",
)
_OUTPUT = ("max_completion_tokens", "max_output_tokens", "output_token_limit", "max_tokens")
_KINDS = {
    "chat": "chat",
    "language": "chat",
    "llm": "chat",
    "vlm": "chat",
    "embedding": "embedding",
    "embeddings": "embedding",
    "image": "image",
    "audio": "audio",
    "rerank": "rerank",
    "moderation": "moderation",
}
# Names of flags in the lists of Fireworks, Moonshot and Mistral (read 2026-11), and what they mean.
_FLAGS = {
    "supports_image_input": "vision",
    "supports_image_in": "vision",
    "vision": "vision",
    "supports_tools": "tools",
    "function_calling": "tools",
    "supports_reasoning": "reasoning",
    "reasoning": "reasoning",
}


def read_list(body: bytes) -> tuple[DiscoveredModel, ...]:
    """A list in the OpenAI shape, without prices. Raises ProviderBroke."""
    return models_of(entries_of(body), entry_of)


def read_list_with(prices: Prices) -> Reader:
    """A reader of the OpenAI shape for a vendor that tells prices, in the unit that `prices` knows."""
    return lambda body: models_of(entries_of(body), lambda entry: entry_of(entry, prices(entry)))


def models_of(entries: Iterable[Entry], model: Callable[[Entry], DiscoveredModel]) -> tuple[DiscoveredModel, ...]:
    """A model of each entry that has a name; an entry that makes no sense costs only itself."""
    found: list[DiscoveredModel] = []
    for entry in entries:
        if named(entry):
            # A vendor's field of another type than ever before may break what reads it, in any of these ways.
            with suppress(TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
                found.append(model(entry))
    return tuple(found)


def offered(body: bytes) -> int:
    """How many entries a list has, whatever they are worth. Raises ProviderBroke."""
    try:
        answer: Any = msgspec.json.decode(body, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
        if isinstance(answer, dict):
            held = cast("dict[str, msgspec.Raw]", answer)
            raw = next(held[name] for name in ("data", "models") if bytes(held.get(name, b""))[:1] == b"[")
            answer = msgspec.json.decode(raw, type=list[msgspec.Raw])
        return len(cast("list[Any]", answer))
    except (msgspec.MsgspecError, RecursionError, StopIteration):
        # Stricter than what reads the list: text that is no Unicode, for one.
        return len(_items(body))


def entries_of(body: bytes, *names: str) -> list[Entry]:
    """The list itself: under `data`, `models` or one of `names`, or bare. Raises ProviderBroke."""
    return [cast("Entry", item) for item in _items(body, *names)[:MOST_MODELS] if isinstance(item, dict)]


def _items(body: bytes, *names: str) -> list[Any]:
    if body.count(b",") > MOST_PARTS:
        raise ProviderBroke("The provider's list of models is too long to be read; name the models you want.")
    try:
        answer: Any = json.loads(body, parse_float=Decimal, parse_int=_whole)
    except (ValueError, RecursionError) as exc:
        raise ProviderBroke("The provider's list of models is not JSON.") from exc
    found: Any = answer
    if isinstance(answer, dict):
        held = cast("dict[str, Any]", answer)
        found = next((held[name] for name in (*names, "data", "models") if isinstance(held.get(name), list)), None)
    if not isinstance(found, list):
        raise ProviderBroke("The provider answered with something that is no list of models.")
    return cast("list[Any]", found)


def _whole(text: str) -> int | None:
    """A number as it was written; `None` for one so long that Python would refuse it, and the list with it."""
    return int(text) if len(text) <= 30 else None


def named(entry: Entry) -> str:
    """The id of an entry; empty when it has none."""
    name = entry.get("id") or entry.get("model") or entry.get("name")
    return name if isinstance(name, str) and 0 < len(name) <= 255 and name.isprintable() else ""


def entry_of(entry: Entry, prices: Mapping[str, Decimal] | None = None) -> DiscoveredModel:
    """One entry with whatever of the known fields it has."""
    model_id = named(entry)
    return DiscoveredModel(
        id=model_id,
        name=text(entry, "display_name", "name") if text(entry, "display_name", "name") != model_id else None,
        maker=text(entry, "organization", "owned_by"),
        kind=_KINDS.get(str(entry.get("type")).lower()),
        context=count(entry, *_CONTEXT),
        max_output=count(entry, *_OUTPUT),
        capabilities=flags(entry),
        prices=prices or {},
        created=date_of(entry.get("created") or entry.get("created_at")),
        retires=date_of(
            entry.get("shutdown_date")
            or entry.get("expiration_date")
            or entry.get("retires_at")
            or entry.get("deprecation")
        ),
        successor=text(entry, "deprecation_replacement_model"),
    )


def text(entry: Entry, *names: str) -> str | None:
    """The first of these fields that holds a text."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()[:255]
    return None


def count(entry: Entry, *names: str) -> int | None:
    """The first of these fields that holds a positive count."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**10:
            return value
    return None


def flags(entry: Entry) -> frozenset[str] | None:
    """What an entry says that the model can do; `None` when it says nothing about it."""
    held = entry.get("capabilities")
    places = (entry, cast("Entry", held)) if isinstance(held, dict) else (entry,)
    told = {meaning for place in places for name, meaning in _FLAGS.items() if place.get(name) is True}
    spoken = any(isinstance(place.get(name), bool) for place in places for name in _FLAGS)
    return frozenset(told) if spoken else None


def date_of(value: object) -> str | None:
    """An ISO date from an ISO text; seconds since 1970 and other forms are left to who knows what they mean."""
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[7:8] == "-":
        return value[:10]
    return None


def decimal_of(value: object) -> Decimal | None:
    """A price as it was written; `None` for anything that is no amount of zero or more."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def prices_in(entry: Entry, place: str, names: Mapping[str, str], factor: Decimal) -> Mapping[str, Decimal]:
    """Prices under `place`, each field of `names` as its usage class, times `factor` to get USD per million."""
    held = entry.get(place)
    if not isinstance(held, dict):
        return {}
    given = cast("Entry", held)
    amounts: Iterable[tuple[str, Decimal | None]] = (
        (kind, decimal_of(given.get(name))) for name, kind in names.items()
    )
    return {kind: amount * factor for kind, amount in amounts if amount is not None}


PER_TOKEN = Decimal(10**6)
PER_MILLION = Decimal(1)
_PER_TOKEN_NAMES = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write_5m",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "web_search": "searches",
    "request": "requests",
}


def per_token(entry: Entry) -> Mapping[str, Decimal]:
    """Prices as OpenRouter writes them and others after it: decimal texts in USD per token or piece."""
    return prices_in(entry, "pricing", _PER_TOKEN_NAMES, PER_TOKEN)


def per_million(entry: Entry) -> Mapping[str, Decimal]:
    """Prices as Together writes them: USD per million tokens."""
    return prices_in(
        entry, "pricing", {"input": "input", "output": "output", "cached_input": "cache_read"}, PER_MILLION
    )
