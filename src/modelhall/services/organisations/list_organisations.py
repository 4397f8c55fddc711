"""Lists the organisations that a person is in; the operator sees all."""

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Organisation, Role
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import members, organisations


async def list_organisations(
    house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL
) -> Page[Organisation]:
    """A page, the oldest first; a key sees its own. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    only: list[str] | None = [actor.organisation_id]
    async with house.database.read() as connection:
        if actor.via == "operator":
            only = None
        elif actor.account_id is not None:
            places = await members.members_of_account(connection, actor.account_id)
            only = [each.organisation_id for each in places]
        found = await organisations.list_organisations(connection, only=only, after=id_cursor(after), limit=limit + 1)
    return page_of(found, limit, lambda each: each.id)


async def show_organisation(house: House, actor: Actor) -> Organisation:
    """The one that the actor acts in. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await organisations.get_organisation(connection, actor.organisation_id)
    if found is None:
        raise NotFound("there is no such organisation any more")
    return found
