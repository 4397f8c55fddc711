"""Lists the members of an organisation."""

from modelhall.domain.people import Actor, Member, Role
from modelhall.services.house import House
from modelhall.services.members.find_member import find_member
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import members


async def list_members(
    house: House, actor: Actor, *, removed: bool = False, after: str | None = None, limit: int = USUAL
) -> Page[Member]:
    """A page of them, or of those who left; the oldest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        found = await members.list_members(
            connection, actor.organisation_id, removed=removed, after=id_cursor(after), limit=limit + 1
        )
    return page_of(found, limit, lambda member: member.id)


async def show_member(house: House, actor: Actor, name: str) -> Member:
    """The member of that id or login, also one who left. Raises RoleTooLow, NotFound."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        return await find_member(connection, actor, name, removed=True)
