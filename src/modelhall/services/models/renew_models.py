"""Brings models that are in the library up to what their provider, and else the catalog, says of them today."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from modelhall.domain.ids import NIL
from modelhall.domain.library import Model, Profile, Told
from modelhall.domain.people import Actor, Role
from modelhall.domain.prices import PriceSheet
from modelhall.providers.parameters import BY_PROVIDER
from modelhall.providers.provider import DiscoveredModel
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.facts import UNKNOWN_KIND, Facts, facts_of
from modelhall.services.models.given_prices import PERSON
from modelhall.services.models.history import RENEWED, RENEWED_PRICE
from modelhall.services.models.model_view import TOLD_FACTS, price_now, told
from modelhall.services.models.new_model import LIMITS, reconciled
from modelhall.services.models.price_model import told as told_price
from modelhall.storage import models, prices
from modelhall.storage.database import Change
from modelhall.storage.models import Wanted

PROVIDER = "provider"
FIELDS = ("kind", *TOLD_FACTS)
AT_ONCE = 100
"""So many models are looked at in one go: a profile may have thousands."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What is new of one model."""

    old: Model
    new: Model
    before: PriceSheet | None
    sheet: PriceSheet | None
    """`None`: its price stays."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is."""
        return self.new == self.old and self.sheet is None


async def renew_models(house: House, profile: Profile, told_now: Iterable[DiscoveredModel]) -> int:
    """How many models of the profile were renewed, each with a row in its history.

    A person's own word stays, and a provider's gives way to nobody's but a newer one of its own.
    """
    if profile.provider not in house.providers or house.providers[profile.provider].supervised:
        return 0
    listed = {model.id: model for model in told_now}
    renewed_ones, after, mine = 0, None, Wanted(profile_id=profile.id)
    while True:
        async with house.database.read() as connection:
            some = await models.list_models(
                connection, profile.organisation_id, wanted=mine, after=after, limit=AT_ONCE
            )
            news = await _news(house, connection, profile, listed, some)
        if news:
            renewed_ones += await _renew(house, profile, listed, [each.old.id for each in news])
        if len(some) < AT_ONCE:
            return renewed_ones
        after = some[-1].number


async def _renew(house: House, profile: Profile, listed: Mapping[str, DiscoveredModel], ids: Collection[str]) -> int:
    async with house.database.change(Actor(profile.organisation_id, NIL, Role.ADMIN, "system")) as change:
        # Read once more: now nobody else can change them.
        there = await models.models_by_ids(change.connection, ids)
        news = await _news(house, change.connection, profile, listed, list(there.values()))
        for each in news:
            await _write(change, each)
        if not change.audited:
            change.nothing()
    return len(news)


async def _news(
    house: House,
    connection: Connection,
    profile: Profile,
    listed: Mapping[str, DiscoveredModel],
    some: Sequence[Model],
) -> list[Renewal]:
    """What is new of these. It is weighed beside the loop, so that calls go on meanwhile."""
    priced = [model.id for model in some if (said := listed.get(model.model_id)) and said.prices]
    sheets: Mapping[str, tuple[PriceSheet, ...]] = {}
    if priced:
        sheets = await prices.current_sheets(connection, house.clock(), priced)

    def weighed() -> list[Renewal]:
        found = (_renewal(house, profile, model, listed.get(model.model_id), sheets) for model in some)
        return [each for each in found if not each.is_empty]

    return await asyncio.to_thread(weighed)


def _renewal(
    house: House,
    profile: Profile,
    model: Model,
    told_of_it: DiscoveredModel | None,
    sheets: Mapping[str, tuple[PriceSheet, ...]],
) -> Renewal:
    facts = facts_of(house, profile, house.providers[profile.provider], model.model_id, told_of_it)
    now = price_now(house, model, sheets.get(model.id, ()))
    return Renewal(model, renewed(model, facts), now, renewed_sheet(facts, now))


def renewed(model: Model, facts: Facts) -> Model:
    """The model as it is to be known from now on; the same one where nothing is new."""
    today = facts.model(active=model.active)
    fields = {name: _newer(name, model, today, facts) for name in FIELDS}
    kept = {name for name in model.capabilities if f"capabilities.{name}" in model.sources}
    fresh = {name: value for name, value in today.capabilities.items() if name not in kept}
    parameters = dict(model.parameters)
    if BY_PROVIDER in today.parameters:
        parameters[BY_PROVIDER] = today.parameters[BY_PROVIDER]
    new = replace(
        model,
        **fields,
        capabilities=dict(sorted({**model.capabilities, **fresh}.items())),
        modalities=today.modalities or model.modalities,
        parameters=parameters,
    )
    own = {name for name in LIMITS if _is_person(model.sources.get(name))}
    new = reconciled(new, own) if own else new
    return model if new == model else replace(new, sources=_sources(model, new, today))


def renewed_sheet(facts: Facts, now: PriceSheet | None) -> PriceSheet | None:
    """The price that the provider tells, where it is another and no person entered the one in force.

    What the catalog says of a price is not taken by itself: hints name it.
    """
    if facts.told is None or not facts.told.prices or facts.provider.free:
        return None
    if now is not None and now.passport.source == PERSON:
        return None
    sheet = facts.sheets()[0]
    return None if now is not None and set(now.rates) == set(sheet.rates) else sheet


def _newer(name: str, model: Model, today: Model, facts: Facts) -> object:
    mine, fresh = getattr(model, name), getattr(today, name)
    word, source = model.sources.get(name), today.sources.get(name)
    if _is_person(word):
        return mine
    by_provider = word is not None and word.source == PROVIDER
    if name == "retires_on" and by_provider and facts.told is not None and fresh is None:
        # A provider that still lists the model without the date has taken the date back.
        return None
    if fresh in (None, UNKNOWN_KIND) or (by_provider and (source is None or source.source != PROVIDER)):
        return mine
    return fresh


def _sources(model: Model, new: Model, today: Model) -> dict[str, Told]:
    """Who says so, of all that was renewed; of what stays, who said so before."""
    sources = dict(model.sources)
    for name in (*FIELDS, f"parameters.{BY_PROVIDER}"):
        changed = "." in name or getattr(new, name) != getattr(model, name)
        if changed and name in today.sources:
            sources[name] = today.sources[name]
        elif changed and "." not in name:
            sources.pop(name, None)
    return sources


def _is_person(word: Told | None) -> bool:
    return word is not None and word.source == PERSON


async def _write(change: Change, news: Renewal) -> None:
    model = news.old
    if news.new != news.old:
        model = await models.update_model(change.connection, news.new)
        before, after = told(news.old), told(model)
        await change.audit(RENEWED, "model", model.id, model.public_name, before=before, after=after)
    if news.sheet is not None:
        await prices.append_sheet(
            change.connection, news.sheet, organisation_id=model.organisation_id, model_id=model.id
        )
        before, after = None if news.before is None else told_price(news.before), told_price(news.sheet)
        await change.audit(RENEWED_PRICE, "model", model.id, model.public_name, before=before, after=after)
