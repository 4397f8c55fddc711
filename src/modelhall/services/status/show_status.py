"""Says how the house is: its parts, what it holds, its profiles' keys, and what deserves a look."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhall.domain.errors import DatabaseUnavailable
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House, Vitals
from modelhall.services.local.status import EngineStatus
from modelhall.services.profiles.find_profile import EVERY
from modelhall.services.profiles.profile_view import KeyState, key_state
from modelhall.services.rights import require
from modelhall.services.status.onboarding import Step, onboarding_in
from modelhall.storage import keys, models, profiles


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the library holds."""

    profiles: int
    models: int
    active_models: int
    keys: int


@dataclass(frozen=True, slots=True)
class ProfileState:
    """A profile and whether it has its key."""

    id: str
    provider: str
    key: KeyState


@dataclass(frozen=True, slots=True)
class Status:
    """How the house is. What only the database knows is missing while it does not answer."""

    vitals: Vitals
    database: str
    data: str
    engine: EngineStatus
    change_number: int | None
    counts: Counts | None
    profiles: Sequence[ProfileState]
    warnings: Sequence[str]
    next: Step | None = None
    """What to do next; `None`: nothing, or nobody knows."""


async def show_status(house: House, actor: Actor) -> Status:
    """How the house is now. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    vitals, warnings = house.vitals(), list(house.vitals().warnings)
    if house.vault.locked:
        warnings.append(house.vault.locked_because)
    number, counts, states, following = None, None, list[ProfileState](), None
    try:
        number = await house.database.change_number()
        counts, states = await _library(house, actor.organisation_id)
        async with house.database.read() as connection:
            following = (await onboarding_in(house, connection, actor.organisation_id)).next
    except DatabaseUnavailable as error:
        warnings.append(error.message)
    warnings += [
        f"profile {state.id} cannot be called: its key is {state.key}"
        for state in states
        if state.key in {"missing", "refused"}
    ]
    return Status(
        vitals,
        house.database.dialect,
        str(house.data),
        house.engine.status(),
        number,
        counts,
        states,
        warnings,
        following,
    )


async def _library(house: House, organisation_id: str) -> tuple[Counts, list[ProfileState]]:
    async with house.database.read() as connection:
        found = await profiles.list_profiles(connection, organisation_id, limit=EVERY)
        total, active = await models.count_models(connection, organisation_id)
        key_count = await keys.count_keys(connection, organisation_id)
    states = [ProfileState(profile.slug, profile.provider, key_state(house, profile)) for profile in found]
    return Counts(len(found), total, active, key_count), states
