"""Lists profiles."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.profiles.profile_view import ProfileView, profile_views
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import profiles


async def list_profiles(
    house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL
) -> Page[ProfileView]:
    """A page of living profiles, the oldest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await profiles.list_profiles(connection, actor.organisation_id, after=id_cursor(after), limit=limit + 1)
        page = page_of(found, limit, lambda profile: profile.id)
        return Page(await profile_views(house, connection, page.items), page.next)
