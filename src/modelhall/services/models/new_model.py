"""A model as a person describes it, and what it becomes together with what the catalog knows of it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from modelhall.dialects.stored_values import Values
from modelhall.domain.library import Model, Told
from modelhall.domain.prices import PriceSheet
from modelhall.services.models.facts import Facts
from modelhall.services.models.given_prices import PERSON, GivenPrices
from modelhall.services.models.stored_values import with_stored
from modelhall.services.words import line, lines, wrong

MOST_NAME = 255
MOST_TOKENS = 10**9
KINDS = ("chat", "completion", "embedding", "image", "stt", "tts", "rerank", "moderation", "realtime", "video", "ocr")
LIMITS = frozenset({"context_window", "max_input", "max_output"})
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_CAPABILITY = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """What a person says of a model; `None` and what is absent is left to the catalog."""

    model_id: str
    """The provider's own name of it."""
    title: str | None = None
    kind: str | None = None
    context_window: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    knowledge_cutoff: str | None = None
    """ISO month, date or time."""
    capabilities: Mapping[str, bool] = field(default_factory=dict[str, bool])
    parameters: Values = field(default_factory=dict[str, object])
    """What its calls are sent with where they say nothing."""
    prices: GivenPrices | None = None
    active: bool = False
    hidden: bool = False
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """A person's word and the catalog's, put together."""

    model: Model
    sheets: list[PriceSheet]
    warnings: list[str]


def described(wanted: NewModel, facts: Facts, who: str | None) -> Described:
    """The entry of the library that this makes: the person's word first. Raises BadRequest with the place."""
    base, today = facts.model(active=wanted.active), facts.now.date().isoformat()
    words = own_words(wanted)
    sources = {**base.sources, **{name: _told(name, value, base, today) for name, value in words.items()}}
    sources |= {f"capabilities.{name}": Told(PERSON, today) for name in wanted.capabilities}
    kind = base.kind if wanted.kind is None and facts.listed else words.get("kind", "chat")
    model = replace(
        base,
        **{**words, "kind": kind},
        capabilities={**base.capabilities, **wanted.capabilities},
        sources=sources,
        hidden=wanted.hidden,
        notes=lines(wanted.notes, "notes"),
        custom=True,
    )
    model = with_stored(reconciled(model, words), wanted.parameters, "parameters")
    check_limits(model, words)
    sheets, listed = facts.sheets(), facts.listed.rates if facts.listed else ()
    if wanted.prices is None:
        return Described(model, sheets, [])
    others = () if facts.provider.free else listed
    own = wanted.prices.sheet(facts.now, who, others)
    return Described(model, [own], wanted.prices.oddities(listed))


def own_words(wanted: NewModel) -> dict[str, Any]:
    """The plain facts that the person gave, checked. Raises BadRequest with the place."""
    if not is_name(wanted.model_id):
        raise wrong("model_id", f"must be 1 to {MOST_NAME} printable characters without blanks around them")
    if wanted.kind is not None and wanted.kind not in KINDS:
        raise wrong("kind", f"{wanted.kind[:40]!r} is none of {', '.join(KINDS)}")
    unknown = [name for name in wanted.capabilities if not _CAPABILITY.fullmatch(name)]
    if unknown:
        raise wrong("capabilities", f"{unknown[0][:40]!r} is no capability; they are words such as vision and tools")
    given = {
        "name": None if wanted.title is None else line(wanted.title, "title"),
        "kind": wanted.kind,
        "context_window": tokens(wanted.context_window, "context_window"),
        "max_input": tokens(wanted.max_input, "max_input"),
        "max_output": tokens(wanted.max_output, "max_output"),
        "knowledge_cutoff": day(wanted.knowledge_cutoff, "knowledge_cutoff"),
    }
    return {name: value for name, value in given.items() if value is not None}


def check_limits(model: Model, given: Collection[str]) -> None:
    """Raises BadRequest when a limit that a person gave is larger than the window that it must fit in."""
    for name in ("max_input", "max_output") if LIMITS.intersection(given) else ():
        limit = getattr(model, name)
        if limit is not None and model.context_window is not None and limit > model.context_window:
            raise wrong(name, f"{limit:,} tokens do not fit in a context window of {model.context_window:,}")


def reconciled(model: Model, given: Collection[str]) -> Model:
    """The catalog's limits give way to a person's where both cannot be."""
    told = [getattr(model, name) for name in ("max_input", "max_output") if name in given]
    if "context_window" not in given and model.context_window is not None:
        return replace(model, context_window=max([model.context_window, *told]))
    window = model.context_window
    fits = {
        name: limit if name in given or limit is None or window is None else min(limit, window)
        for name in ("max_input", "max_output")
        for limit in [getattr(model, name)]
    }
    return replace(model, **fits)


def tokens(count: int | None, place: str) -> int | None:
    """A number of tokens. Raises BadRequest."""
    if count is not None and not 1 <= count <= MOST_TOKENS:
        raise wrong(place, f"must be a whole number of tokens from 1 to {MOST_TOKENS:,}")
    return count


def day(text: str | None, place: str) -> str | None:
    """A month or a day as it is kept (ISO), out of a month, a date or a time. Raises BadRequest."""
    if text is None or _MONTH.fullmatch(text):
        return text
    try:
        return (date if len(text) == len("2025-03-01") else datetime).fromisoformat(text).isoformat()[:10]
    except ValueError:
        raise wrong(place, f"{text[:40]!r} is no date such as 2025-03-01 or 2025-03-01T00:00:00Z") from None


def is_name(name: str) -> bool:
    """Whether a provider may call a model so."""
    return 0 < len(name) <= MOST_NAME and name.isprintable() and name == name.strip()


def _told(name: str, value: object, base: Model, today: str) -> Told:
    """The person's word on a fact, with what others say who say something else."""
    other, source = getattr(base, name), base.sources.get(name)
    if source is None or other in (None, value):
        return Told(PERSON, today)
    return Told(PERSON, today, (f"{source.source}: {other}", *source.disagreeing))
