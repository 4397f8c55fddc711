"""Lists the provider keys of a profile."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.key_view import ProfileKeys, profile_keys
from modelhall.services.rights import require


async def list_profile_keys(house: House, actor: Actor, slug: str) -> ProfileKeys:
    """All of them, in the order in which they are tried. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        return profile_keys(house, await find_profile(connection, actor.organisation_id, slug))
