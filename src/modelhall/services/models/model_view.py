"""A model as it is told: with its price, its health, and whether it is the default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from modelhall.dialects.stored_values import Values
from modelhall.domain.library import Model, Profile
from modelhall.domain.prices import FREE_SHEET, PriceSheet
from modelhall.domain.privacy import FACTS, Evidence, Fact
from modelhall.providers.parameters import BY_PERSON, Parameter, parameters_of, stored_of
from modelhall.providers.privacy import privacy_of
from modelhall.services.connection import Connection
from modelhall.services.health.model_health import NO_DATA, Health, model_health
from modelhall.services.house import House
from modelhall.storage import collections, models, organisations, prices, profiles, tags
from modelhall.storage.policies import facts_out

TOLD_FACTS = ("maker", "context_window", "max_input", "max_output", "knowledge_cutoff", "retires_on")
"""What is known of a model: by its provider's word, the catalog's, or a person's."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model."""

    model: Model
    default: bool
    price: PriceSheet | None
    """In force now; `None` = unknown."""
    health: Health
    parameters: Mapping[str, Parameter]
    """What is known of its parameters, and who says so."""
    stored: Values
    """What is sent where a caller sends none."""
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    successor: str | None = None
    """The public name of the model that is to take its place."""
    privacy: Mapping[Fact, Evidence] = field(default_factory=dict[Fact, Evidence])
    """What is known of where a call's data goes; what is absent is unknown."""


@dataclass(frozen=True, slots=True)
class TakenModel:
    """A model as it was taken from a person, and what deserves a second look."""

    view: ModelView
    warnings: list[str]


async def model_views(
    house: House, connection: Connection, organisation_id: str, found: Sequence[Model]
) -> list[ModelView]:
    """These models as they are told."""
    now = house.clock()
    organisation = await organisations.get_organisation(connection, organisation_id)
    default = organisation.default_model_id if organisation else None
    sheets = await prices.current_sheets(connection, now, [model.id for model in found])
    health = await model_health(house, connection, organisation_id)
    ids = [model.id for model in found]
    labels, sets = await tags.tags_of_models(connection, ids), await collections.collections_of_models(connection, ids)
    homes = await profiles.profiles_by_ids(connection, {model.profile_id for model in found})
    after = await models.models_by_ids(connection, {each.successor_id for each in found if each.successor_id})
    return [
        ModelView(
            model,
            model.id == default,
            price_now(house, model, sheets.get(model.id, ())),
            health.get(model.id, NO_DATA),
            parameters_of(model, house.providers[model.provider]) if model.provider in house.providers else {},
            stored_of(model),
            labels.get(model.id, ()),
            sets.get(model.id, ()),
            _name(after.get(model.successor_id or "")),
            _known(house, model, homes.get(model.profile_id), now),
        )
        for model in found
    ]


def told(model: Model) -> dict[str, object]:
    """What the audit keeps of a model: what people can change, what it is, and what is known of it."""
    return {
        "name": model.public_name,
        "title": model.name,
        "kind": model.kind,
        "custom": model.custom,
        "active": model.active,
        "hidden": model.hidden,
        "notes": model.notes,
        "quarantined_because": model.quarantined_because,
        "category": model.category,
        "successor_id": model.successor_id,
        "stored": dict(stored_of(model)),
        "parameters": model.parameters.get(BY_PERSON, {}),
        **{name: getattr(model, name) for name in TOLD_FACTS},
        "capabilities": dict(model.capabilities),
        "evidence": facts_out(model.privacy),
    }


def _name(model: Model | None) -> str | None:
    return None if model is None else model.public_name


def _known(house: House, model: Model, profile: Profile | None, now: datetime) -> dict[Fact, Evidence]:
    provider = house.providers.get(model.provider)
    if profile is None or provider is None:
        return {}
    privacy = privacy_of(model, profile, provider)
    return {fact: known for fact in FACTS if (known := privacy.known(fact, now)) is not None}


def price_now(house: House, model: Model, sheets: Sequence[PriceSheet]) -> PriceSheet | None:
    """The sheet in force at this moment, out of those that are or will be; `None` = unknown."""
    in_force = [sheet for sheet in sheets if sheet.valid_from <= house.clock()]
    if in_force:
        return in_force[-1]
    provider = house.providers.get(model.provider)
    return FREE_SHEET if provider is not None and provider.free else None
