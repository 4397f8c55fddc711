"""Finds or builds the target of a trial: a model of the library, or one that is only described."""

from dataclasses import dataclass, replace

from modelhall.domain.errors import BadRequest, Conflict, UnknownModel
from modelhall.domain.people import Actor, Role
from modelhall.domain.prices import FREE_SHEET
from modelhall.gateway.call import Target
from modelhall.gateway.stored_values import stored_by_target
from modelhall.providers.parameters import facts_of as parameter_facts
from modelhall.providers.parameters import stored_of
from modelhall.providers.privacy import privacy_of
from modelhall.services.house import House
from modelhall.services.models.add_model import login_of
from modelhall.services.models.facts import facts_here
from modelhall.services.models.find_model import find_model
from modelhall.services.models.new_model import NewModel, described
from modelhall.services.models.profile_for import Place, existing_profile
from modelhall.services.rights import require


@dataclass(frozen=True, slots=True)
class Tried:
    """What is to be tried."""

    target: Target
    saved: bool
    warnings: tuple[str, ...] = ()


async def saved_target(house: House, actor: Actor, name: str) -> Tried:
    """A model of the library, active or not.

    Raises RoleTooLow, UnknownModel, Conflict for a provider that this version lacks.
    """
    require(actor, Role.MEMBER)
    async with house.database.read() as connection:
        model = await find_model(connection, actor.organisation_id, name)
    library = house.lookout.current().libraries.get(actor.organisation_id)
    target = library.targets.get(model.id) if library else None
    if target is None:
        if model.provider not in house.providers:
            raise Conflict(f"this version knows no provider {model.provider}")
        raise UnknownModel(f"{name} is not known to this process yet; try again in a moment")
    return Tried(target, saved=True)


async def described_target(house: House, actor: Actor, place: Place, wanted: NewModel) -> Tried:
    """A model that is not in the library; nothing of it is kept. Raises RoleTooLow, NotFound, BadRequest."""
    require(actor, Role.MEMBER if wanted.prices is None else Role.ADMIN)
    async with house.database.read() as connection:
        profile = await existing_profile(house, connection, actor, place)
        who = await login_of(connection, actor)
    if profile is None:
        raise BadRequest(f"there is no profile of {place.provider} yet; add one with its key first")
    facts = facts_here(house, profile, wanted.model_id)
    known = described(wanted, facts, who)
    model = replace(known.model, profile_id=profile.id)
    free = (FREE_SHEET,) if facts.provider.free else ()
    sheets = (*reversed(known.sheets), *free)
    known_facts = parameter_facts(model, facts.provider)
    stored = stored_by_target(stored_of(model), profile.parameters)
    privacy = privacy_of(model, profile, facts.provider)
    target = Target(model, profile, facts.provider, sheets, known_facts, stored, privacy)
    return Tried(target, saved=False, warnings=tuple(known.warnings))
