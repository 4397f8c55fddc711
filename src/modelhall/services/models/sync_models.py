"""Brings models of a profile into the library: named ones, or all that its provider lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from modelhall.domain.errors import (
    BadRequest,
    Conflict,
    DeadlineExceeded,
    KeyMissing,
    ModelhallError,
    ProviderError,
    ProviderRefusedKey,
)
from modelhall.domain.library import BUILT_IN_MODEL, Model, Profile
from modelhall.domain.people import Actor, Role
from modelhall.providers.provider import DiscoveredModel, Provider
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.built_in import BUILT_IN
from modelhall.services.models.discover import discover
from modelhall.services.models.facts import Facts, catalog_name, facts_of
from modelhall.services.models.last_listing import last_listing
from modelhall.services.models.library_settings import library_settings
from modelhall.services.models.renew_models import renew_models
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.rights import require
from modelhall.storage import models, prices

MOST_NAME = 255
MOST_NAMED = 1000

Status = Literal["synced", "already", "activated", "error"]
Source = Literal["named", "provider", "catalog"]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What became of one model."""

    model: str
    """Its public name."""
    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What became of all of them; created + skipped + errors = the number of results."""

    results: tuple[SyncResult, ...]
    source: Source
    """Where the list came from."""
    note: str | None
    """Why the list is not the provider's own, when it should have been."""

    def count(self, *statuses: Status) -> int:
        """How many results have one of these."""
        return sum(result.status in statuses for result in self.results)


@dataclass(frozen=True, slots=True)
class _Wanted:
    names: Sequence[str]
    told: dict[str, DiscoveredModel]
    source: Source
    note: str | None = None


async def sync_models(
    house: House, actor: Actor, slug: str, names: Sequence[str] | None = None, *, activate: bool | None = None
) -> SyncOutcome:
    """Add what is not there yet; inactive, unless `activate`, which also switches on what was there.

    `activate=None`: as the library's setting says, which is about new models only. For named ones nobody is asked: what
    the provider's last list and the catalog say is taken.
    Raises RoleTooLow, NotFound, BadRequest, and where nothing else is known what `discover` raises.
    """
    require(actor, Role.MEMBER)
    async with house.database.read() as connection:
        profile = await find_profile(connection, actor.organisation_id, slug)
    provider = house.providers.get(profile.provider)
    if provider is None:
        raise Conflict(f"this version knows no provider {profile.provider}")
    wanted = await _wanted(house, profile, provider, names)
    good = [name for name in wanted.names if is_name(name)]
    told = wanted.told | ({BUILT_IN_MODEL: BUILT_IN} if provider.supervised else {})
    facts = [facts_of(house, profile, provider, name, told.get(name)) for name in good]
    results = await _write(house, actor, profile, facts, activate=activate)
    if wanted.source == "provider":
        await renew_models(house, profile, wanted.told.values())
    errors = [
        SyncResult(f"{slug}/{name[:80]}", "error", f"a model's name has 1 to {MOST_NAME} printable characters")
        for name in wanted.names
        if not is_name(name)
    ]
    return SyncOutcome((*results, *errors), wanted.source, wanted.note)


async def _wanted(house: House, profile: Profile, provider: Provider, names: Sequence[str] | None) -> _Wanted:
    if names is not None:
        if not 1 <= len(names) <= MOST_NAMED:
            raise BadRequest(f"models: name 1 to {MOST_NAMED} models, or leave the list out to take all there are")
        # `profile/model-id` is how people know a model; the profile is clear already.
        plain = dict.fromkeys(name.strip().removeprefix(f"{profile.slug}/") for name in names)
        told = {model.id: model for model in await last_listing(house, profile) if model.id in plain}
        return _Wanted(list(plain), told, "named")
    if provider.supervised:
        return _Wanted([BUILT_IN_MODEL], {}, "provider")
    try:
        listing = await discover(house, profile, provider)
    except ProviderRefusedKey:
        raise
    except (ProviderError, DeadlineExceeded, KeyMissing) as error:
        last = await last_listing(house, profile)
        if last:
            return _Wanted([model.id for model in last], {model.id: model for model in last}, "provider", error.message)
        return _fallback(house, profile, provider, error)
    if listing is None:
        return _fallback(house, profile, provider, None)
    told = {model.id: model for model in listing.models}
    return _Wanted(list(told), told, "provider")


def _fallback(house: House, profile: Profile, provider: Provider, error: ModelhallError | None) -> _Wanted:
    """The catalog's list, where the provider's own cannot be had."""
    vendor, today = catalog_name(house, profile, provider), house.clock().date().isoformat()
    listed = house.catalog.models(vendor) if vendor else ()
    names = [model.id for model in listed if model.retires is None or model.retires > today] or list(provider.models)
    if names:
        return _Wanted(names, {}, "catalog", error.message if error else None)
    if error is not None:
        raise error
    raise BadRequest(f"{provider.title} has no list of models that can be read; name the models you want")


async def _write(
    house: House, actor: Actor, profile: Profile, facts: Sequence[Facts], *, activate: bool | None
) -> list[SyncResult]:
    async with house.database.change(actor) as change:
        profile = await find_profile(change.connection, actor.organisation_id, profile.slug)
        there = {model.model_id: model for model in await models.models_of_profile(change.connection, profile.id)}
        new = [each for each in facts if each.model_id not in there]
        on = activate
        if on is None:
            on = (await library_settings(change.connection, actor.organisation_id)).activate_on_sync
        created = await _insert(change.connection, profile, new, activate=on)
        sleeping = [
            there[each.model_id] for each in facts if each.model_id in there and not there[each.model_id].active
        ]
        woken = [await _wake(change.connection, model) for model in sleeping] if activate else []
        if created or woken:
            after = {
                "created": [model.model_id for model in created],
                "activated": [model.model_id for model in woken],
                "active": on,
            }
            await change.audit("model.sync", "profile", profile.id, profile.slug, after=after)
        else:
            change.nothing()
    return _results(profile, facts, {model.model_id for model in created}, {model.model_id for model in woken})


async def _insert(connection: Connection, profile: Profile, new: Sequence[Facts], *, activate: bool) -> list[Model]:
    rows = [replace(each.model(active=activate), profile_id=profile.id) for each in new]
    created = await models.insert_models(connection, rows)
    for model, each in zip(created, new, strict=True):
        for sheet in each.sheets():
            await prices.append_sheet(connection, sheet, organisation_id=profile.organisation_id, model_id=model.id)
    return created


async def _wake(connection: Connection, model: Model) -> Model:
    return await models.update_model(connection, replace(model, active=True))


def _results(profile: Profile, facts: Iterable[Facts], created: set[str], woken: set[str]) -> list[SyncResult]:
    def status(model_id: str) -> Status:
        return "synced" if model_id in created else "activated" if model_id in woken else "already"

    return [SyncResult(f"{profile.slug}/{each.model_id}", status(each.model_id)) for each in facts]


def is_name(name: str) -> bool:
    """Whether a model may have this name."""
    return 0 < len(name) <= MOST_NAME and name.isprintable() and name == name.strip()
