"""A model as it is told: with its price, its health, and whether it is the default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhall.domain.library import Model
from modelhall.domain.prices import FREE_SHEET, PriceSheet
from modelhall.providers.parameters import BY_PERSON, Parameter, parameters_of
from modelhall.services.connection import Connection
from modelhall.services.health.model_health import NO_DATA, Health, model_health
from modelhall.services.house import House
from modelhall.storage import organisations, prices


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
    return [
        ModelView(
            model,
            model.id == default,
            price_now(house, model, sheets.get(model.id, ())),
            health.get(model.id, NO_DATA),
            parameters_of(model, house.providers[model.provider]) if model.provider in house.providers else {},
        )
        for model in found
    ]


def told(model: Model) -> dict[str, object]:
    """What the audit keeps of a model: what people can change, and what it is."""
    return {
        "name": model.public_name,
        "title": model.name,
        "kind": model.kind,
        "custom": model.custom,
        "active": model.active,
        "hidden": model.hidden,
        "notes": model.notes,
        "quarantined_because": model.quarantined_because,
        "parameters": model.parameters.get(BY_PERSON, {}),
    }


def price_now(house: House, model: Model, sheets: Sequence[PriceSheet]) -> PriceSheet | None:
    """The sheet in force at this moment, out of those that are or will be; `None` = unknown."""
    in_force = [sheet for sheet in sheets if sheet.valid_from <= house.clock()]
    if in_force:
        return in_force[-1]
    provider = house.providers.get(model.provider)
    return FREE_SHEET if provider is not None and provider.free else None
