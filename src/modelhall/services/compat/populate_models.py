"""Brings in the usual models of older programs, with today's numbers from the catalog."""

from dataclasses import dataclass
from typing import Literal

from modelhall.domain.errors import ModelhallError
from modelhall.domain.people import Actor, Role
from modelhall.services.compat.flat_model import ENDPOINTS, EndpointType
from modelhall.services.compat.flat_models import add_flat
from modelhall.services.house import House
from modelhall.services.models.new_model import NewModel
from modelhall.services.models.profile_for import Place, existing_profile
from modelhall.services.rights import require
from modelhall.storage import models

Status = Literal["created", "skipped", "error"]
USUAL: tuple[tuple[EndpointType, NewModel], ...] = (
    (
        "anthropic",
        NewModel(
            model_id="claude-sonnet-4-20250514",
            title="Sonnet 4",
            capabilities={"reasoning": True},
            knowledge_cutoff="2025-03-01",
            active=True,
        ),
    ),
    ("openAI", NewModel(model_id="gpt-4.1", title="GPT-4.1", active=True)),
    ("openAI", NewModel(model_id="gpt-4.1-nano", title="GPT-4.1 Nano", active=True)),
)
"""Limits and prices are the catalog's: those that older programs had for GPT-4.1 were those of other models."""


@dataclass(frozen=True, slots=True)
class PopulatedModel:
    """What became of one model."""

    model_id: str
    status: Status
    id: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Populated:
    """What became of all of them."""

    results: tuple[PopulatedModel, ...]

    def count(self, status: Status) -> int:
        """How many results have it."""
        return sum(result.status == status for result in self.results)


async def populate_models(house: House, actor: Actor) -> Populated:
    """Adds those that are not there, active. One that fails does not keep the others back. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    return Populated(tuple([await _one(house, actor, endpoint, wanted) for endpoint, wanted in USUAL]))


async def _one(house: House, actor: Actor, endpoint: EndpointType, wanted: NewModel) -> PopulatedModel:
    place = Place(provider=ENDPOINTS[endpoint])
    try:
        async with house.database.read() as connection:
            profile = await existing_profile(house, connection, actor, place)
            if profile is not None:
                held = await models.models_of_profile(connection, profile.id)
                if any(model.model_id == wanted.model_id for model in held):
                    return PopulatedModel(wanted.model_id, "skipped", reason="already exists")
        return PopulatedModel(wanted.model_id, "created", id=(await add_flat(house, actor, place, wanted)).id)
    except ModelhallError as error:
        return PopulatedModel(wanted.model_id, "error", reason=error.message)
