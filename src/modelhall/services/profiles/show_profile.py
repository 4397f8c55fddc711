"""Shows one profile."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.profile_view import ProfileView, profile_views
from modelhall.services.rights import require


async def show_profile(house: House, actor: Actor, slug: str) -> ProfileView:
    """The profile of that id. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        profile = await find_profile(connection, actor.organisation_id, slug)
        (view,) = await profile_views(house, connection, [profile])
        return view
