"""How the lists of all profiles are."""

from collections.abc import Sequence

from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.list_state import ListState, state_of
from modelhall.services.rights import require
from modelhall.storage import known_lists, profiles

EVERY = 100_000


async def show_list_states(house: House, actor: Actor) -> list[ListState]:
    """Those of the organisation, by profile. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await profiles.list_profiles(connection, actor.organisation_id, limit=EVERY)
        return await list_states(house, connection, actor.organisation_id, found)


async def list_states(
    house: House, connection: Connection, organisation_id: str, theirs: Sequence[Profile]
) -> list[ListState]:
    """Those of an organisation with these profiles, by profile."""
    known = {each.profile_id: each for each in await known_lists.read_lists(connection, organisation_id)}
    return [state_of(house, each, known.get(each.id)) for each in sorted(theirs, key=lambda each: each.slug)]
