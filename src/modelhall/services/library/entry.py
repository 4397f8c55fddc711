"""One line of the search: a model of the library, one that a provider lists, or one that only the catalog knows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import Literal

import msgspec

from modelhall.catalog.model import CatalogModel
from modelhall.domain.library import Profile
from modelhall.domain.prices import FREE_SHEET, STANDARD, PriceSheet, Rate
from modelhall.domain.privacy import Privacy
from modelhall.gateway.call import Target
from modelhall.providers.privacy import privacy_of
from modelhall.services.library.folding import folded_words
from modelhall.services.models.facts import Facts

Origin = Literal["library", "discovered", "catalog"]
BLEND_INPUT, BLEND_OUTPUT = 3, 1
"""Of four tokens, so many go in and come out: the usual weight for comparing prices of whole conversations."""
_EXACT = Context(prec=60)
_LISTED: Mapping[bool | None, tuple[str, ...]] = {None: (), True: ("listed",), False: ("unlisted",)}


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is searched, sorted and counted; `None` = unknown.

    Plain values only, so that the collector need not look at tens of thousands of them: what else is to be told of an
    entry is looked up when it is shown.
    """

    uid: str
    """Unlike any other's: the public name, or `catalog:` and the catalog's provider and id."""
    name: str
    title: str
    origin: Origin
    status: str
    """`active`, `inactive`, `quarantined`, `discovered` or `catalog`."""
    marks: tuple[str, ...]
    """Every status it can be found by: its own, and `hidden`, `listed`, `unlisted`."""
    profile: str | None
    provider: str
    model_id: str
    maker: str | None
    kind: str
    context_window: int | None
    max_input: int | None
    max_output: int | None
    knowledge_cutoff: str | None
    released: str | None
    retires_on: str | None
    capabilities: frozenset[str]
    input: tuple[str, ...]
    output: tuple[str, ...]
    price_input: Decimal | None
    price_output: Decimal | None
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    """Where a call may be handled; what its profile says of itself, where there is no evidence."""
    zero_retention: bool | None = None
    """Whether nothing of a call is kept by whoever answers it, as far as there is evidence."""
    price_blended: Decimal | None
    text: str
    """All that the words of a search are looked for in, folded; also the names by which the catalog knows it."""
    library_id: str | None = None
    added_at: str | None = None
    profile_id: str | None = None
    told: bytes | None = None
    """What its provider lists, packed, where the library does not have it."""
    covers: str | None = None
    """The entry of the catalog that is this model."""


Labels = tuple[tuple[str, ...], tuple[str, ...], bool | None]
"""What people call a model of the library: aliases, tags; and whether its provider lists it, `None`: has no list."""


def own_entry(target: Target, labels: Labels, listed: CatalogModel | None, now: datetime) -> Entry:
    """A model of the library."""
    model, sheet = target.model, target.sheet_at(now)
    aliases, tags, is_listed = labels
    status = "quarantined" if model.quarantined_because is not None else "active" if model.active else "inactive"
    given, made = usual(sheet.rates if sheet else ())
    return Entry(
        uid=model.public_name,
        name=model.public_name,
        title=model.name,
        origin="library",
        status=status,
        marks=(status, *(["hidden"] if model.hidden else []), *_LISTED[is_listed]),
        profile=model.profile,
        provider=model.provider,
        model_id=model.model_id,
        maker=model.maker,
        kind=model.kind,
        context_window=model.context_window,
        max_input=model.max_input,
        max_output=model.max_output,
        knowledge_cutoff=model.knowledge_cutoff,
        released=listed.released if listed else None,
        retires_on=model.retires_on,
        capabilities=able(model.capabilities),
        input=tuple(model.modalities.get("input", ())),
        output=tuple(model.modalities.get("output", ())),
        price_input=given,
        price_output=made,
        price_blended=blended(given, made),
        aliases=aliases,
        tags=tags,
        regions=_regions(target.privacy, target.profile, now),
        zero_retention=_zero_retention(target.privacy, now),
        text=folded_words(
            *(model.public_name, model.name, model.provider, model.maker, *aliases, *tags, *_names(listed))
        ),
        library_id=model.id,
        added_at=model.created_at.isoformat(timespec="microseconds"),
        profile_id=model.profile_id,
        covers=catalog_uid(listed) if listed else None,
    )


def discovered_entry(facts: Facts, told: bytes) -> Entry:
    """A model that a provider lists and the library does not have."""
    merged, listed = facts.model(active=False), facts.listed
    privacy = privacy_of(merged, facts.profile, facts.provider)
    sheet = sheet_of(facts)
    given, made = usual(sheet.rates if sheet else ())
    return Entry(
        uid=merged.public_name,
        name=merged.public_name,
        title=merged.name,
        origin="discovered",
        status="discovered",
        marks=("discovered", "listed"),
        profile=merged.profile,
        provider=merged.provider,
        model_id=merged.model_id,
        maker=merged.maker,
        kind=merged.kind,
        context_window=merged.context_window,
        max_input=merged.max_input,
        max_output=merged.max_output,
        knowledge_cutoff=merged.knowledge_cutoff,
        released=listed.released if listed else facts.told.created if facts.told else None,
        retires_on=merged.retires_on,
        capabilities=able(merged.capabilities),
        input=tuple(merged.modalities.get("input", ())),
        output=tuple(merged.modalities.get("output", ())),
        price_input=given,
        price_output=made,
        price_blended=blended(given, made),
        regions=_regions(privacy, facts.profile, facts.now),
        zero_retention=_zero_retention(privacy, facts.now),
        text=folded_words(merged.public_name, merged.name, merged.provider, merged.maker, *_names(listed)),
        profile_id=facts.profile.id,
        told=told,
        covers=catalog_uid(listed) if listed else None,
    )


def catalog_entry(listed: CatalogModel) -> Entry:
    """A model that only the catalog knows."""
    given, made = usual(listed.rates)
    return Entry(
        uid=catalog_uid(listed),
        name=f"{listed.provider}/{listed.id}",
        title=listed.name,
        origin="catalog",
        status="catalog",
        marks=("catalog",),
        profile=None,
        provider=listed.provider,
        model_id=listed.id,
        maker=listed.maker,
        kind=listed.kind,
        context_window=listed.context_window,
        max_input=listed.max_input,
        max_output=listed.max_output,
        knowledge_cutoff=listed.knowledge_cutoff,
        released=listed.released,
        retires_on=listed.retires,
        capabilities=listed.can,
        input=listed.input,
        output=listed.output,
        price_input=given,
        price_output=made,
        price_blended=blended(given, made),
        text=folded_words(f"{listed.provider}/{listed.id}", listed.name, listed.maker, *listed.aliases),
    )


def _names(listed: CatalogModel | None) -> tuple[str, ...]:
    return listed.aliases if listed else ()


def catalog_uid(listed: CatalogModel) -> str:
    """The `uid` of the catalog's entry."""
    return f"catalog:{listed.provider}/{listed.id}"


def sheet_of(facts: Facts) -> PriceSheet | None:
    """The price that a model would come in with; `None` = unknown."""
    if facts.provider.free:
        return FREE_SHEET
    return next((sheet for sheet in facts.sheets() if sheet.valid_from <= facts.now), None)


def usual(rates: Iterable[Rate]) -> tuple[Decimal | None, Decimal | None]:
    """The prices of input and output without conditions; `None` = unknown."""
    found: dict[str, Decimal | None] = {}
    for rate in rates:
        if rate.context_over == 0 and rate.service_tier == STANDARD and rate.utc_hours is None:
            found[rate.usage_class] = rate.usd_per_million
    return found.get("input"), found.get("output")


def blended(given: Decimal | None, made: Decimal | None) -> Decimal | None:
    """USD per million tokens of which three quarters go in and one quarter comes out, exactly; `None` = unknown."""
    if given is None or made is None:
        return None
    total = _EXACT.add(_EXACT.multiply(given, Decimal(BLEND_INPUT)), _EXACT.multiply(made, Decimal(BLEND_OUTPUT)))
    return _EXACT.divide(total, Decimal(BLEND_INPUT + BLEND_OUTPUT))


def _zero_retention(privacy: Privacy, now: datetime) -> bool | None:
    known = privacy.known("zero_retention", now)
    return None if known is None else known.value is True


def _regions(privacy: Privacy, profile: Profile, now: datetime) -> tuple[str, ...]:
    known = privacy.known("regions", now)
    if known is not None and isinstance(known.value, tuple):
        return known.value
    return (profile.region,) if profile.region else ()


def able(capabilities: Mapping[str, bool]) -> frozenset[str]:
    """What it is known to do; equal sets are one object."""
    return _same(frozenset(name for name, known in capabilities.items() if known))


@lru_cache(maxsize=4096)
def _same(capabilities: frozenset[str]) -> frozenset[str]:
    return capabilities
