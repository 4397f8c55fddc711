"""Recommends models for a use, out of the library and of what the providers with a key offer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from modelhall.catalog.model import CatalogModel
from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.facts import catalog_name
from modelhall.services.models.given_prices import is_base
from modelhall.services.models.model_view import ModelView, model_views
from modelhall.services.models.profile_for import in_order
from modelhall.services.profiles.find_profile import EVERY
from modelhall.services.profiles.profile_view import key_state
from modelhall.services.recommendations.candidate import Candidate
from modelhall.services.recommendations.weigh import Use, Weighed, age_in_days, order_of, weigh
from modelhall.services.rights import require
from modelhall.storage import models, profiles
from modelhall.storage.rollups import usual_waits

MEASURED = timedelta(days=1)
FEW = 5
ALL_MODELS = 100_000


@dataclass(frozen=True, slots=True)
class Placed:
    """A model with its place among all that come into question, the best being 1."""

    place: int
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Recommendations:
    """The best for a use, the best first; `considered`: out of how many."""

    use: Use
    at: datetime
    considered: int
    items: tuple[Placed, ...]


async def recommend(
    house: House,
    actor: Actor,
    use: Use,
    *,
    limit: int = FEW,
    library_only: bool = False,
    new_days: int | None = None,
) -> Recommendations:
    """Computed from catalog, price, health and speed; the same facts always give the same answer. Raises RoleTooLow.

    `new_days`: only what came out within so many days and is not in the library, each with its place among all.
    """
    require(actor, Role.VIEWER)
    now = house.clock()
    async with house.database.read() as connection:
        candidates = await _candidates(house, connection, actor.organisation_id, library_only=library_only)
    weighed = [fit for each in candidates if (fit := weigh(each, use, now.date())) is not None]
    ranked = [Placed(place, each) for place, each in enumerate(sorted(weighed, key=order_of), 1)]
    if new_days is not None:
        ranked = [each for each in ranked if _is_new(each.weighed.candidate, now.date(), new_days)]
    return Recommendations(use, now, len(weighed), tuple(ranked[:limit]))


def _is_new(candidate: Candidate, today: date, days: int) -> bool:
    age = age_in_days(candidate, today)
    return candidate.state == "listed" and age is not None and age <= days


async def _candidates(
    house: House, connection: Connection, organisation_id: str, *, library_only: bool
) -> list[Candidate]:
    usable = [
        profile
        for profile in in_order(await profiles.list_profiles(connection, organisation_id, limit=EVERY))
        if key_state(house, profile) in {"ok", "none"} and profile.provider in house.providers
    ]
    found = await models.list_models(connection, organisation_id, limit=ALL_MODELS)
    waits = await usual_waits(connection, organisation_id, house.clock() - MEASURED)
    views = await model_views(house, connection, organisation_id, found)
    by_id = {profile.id: profile for profile in usable}
    candidates = [
        _of_library(house, by_id[view.model.profile_id], view, waits.get(view.model.id))
        for view in views
        if view.model.profile_id in by_id and view.model.quarantined_because is None
    ]
    if library_only:
        return candidates
    there = {candidate.name for candidate in candidates} | {model.public_name for model in found}
    return candidates + [each for profile in usable for each in _listed(house, profile) if each.name not in there]


def _of_library(house: House, profile: Profile, view: ModelView, wait_ms: int | None) -> Candidate:
    model = view.model
    vendor = catalog_name(house, profile, house.providers[profile.provider])
    match = house.catalog.match(vendor, model.model_id) if vendor else None
    base = {rate.usage_class: rate.usd_per_million for rate in view.price.rates if is_base(rate)} if view.price else {}
    return Candidate(
        name=model.public_name,
        title=model.name,
        state="active" if model.active else "inactive",
        kind=model.kind,
        context=model.context_window or model.max_input,
        max_output=model.max_output,
        can=model.capabilities,
        input_price=base.get("input"),
        output_price=base.get("output"),
        released=match.model.released if match else None,
        retires=model.retires_on,
        health=view.health,
        wait_ms=wait_ms,
        default=view.default,
    )


def _listed(house: House, profile: Profile) -> Iterator[Candidate]:
    """What the catalog lists for who answers there. Dated twins of a listed name are left out."""
    vendor = catalog_name(house, profile, house.providers[profile.provider])
    for model in house.catalog.models(vendor) if vendor else ():
        if model.same_as is None:
            yield _of_catalog(profile, model)


def _of_catalog(profile: Profile, model: CatalogModel) -> Candidate:
    base = {rate.usage_class: rate.usd_per_million for rate in model.rates if is_base(rate)}
    return Candidate(
        name=f"{profile.slug}/{model.id}",
        title=model.name,
        state="listed",
        kind=model.kind,
        context=model.most_input,
        max_output=model.max_output,
        can=dict.fromkeys(model.cannot, False) | dict.fromkeys(model.can, True),
        input_price=base.get("input"),
        output_price=base.get("output"),
        released=model.released,
        retires=model.retires,
    )
