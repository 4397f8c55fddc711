"""A model as it is told: with its price, its health, and whether it is the default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhall.dialects.stored_values import Values
from modelhall.domain.library import Model
from modelhall.domain.prices import FREE_SHEET, PriceSheet
from modelhall.providers.parameters import BY_PERSON, Parameter, parameters_of, stored_of
from modelhall.services.connection import Connection
from modelhall.services.health.model_health import NO_DATA, Health, model_health
from modelhall.services.house import House
from modelhall.storage import collections, models, organisations, prices, tags

FACTS = ("maker", "context_window", "max_input", "max_output", "knowledge_cutoff", "retires_on")
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
        **{name: getattr(model, name) for name in FACTS},
        "capabilities": dict(model.capabilities),
    }


def _name(model: Model | None) -> str | None:
    return None if model is None else model.public_name


def price_now(house: House, model: Model, sheets: Sequence[PriceSheet]) -> PriceSheet | None:
    """The sheet in force at this moment, out of those that are or will be; `None` = unknown."""
    in_force = [sheet for sheet in sheets if sheet.valid_from <= house.clock()]
    if in_force:
        return in_force[-1]
    provider = house.providers.get(model.provider)
    return FREE_SHEET if provider is not None and provider.free else None
