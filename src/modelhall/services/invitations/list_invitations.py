"""Lists the invitations that nobody has accepted yet."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import invitations
from modelhall.storage.invitations import Invitation


async def list_invitations(
    house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL
) -> Page[Invitation]:
    """A page of the open ones, also those that are too old; the oldest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        found = await invitations.list_invitations(
            connection, actor.organisation_id, after=id_cursor(after), limit=limit + 1
        )
    return page_of(found, limit, lambda each: each.id)
