"""Lists aliases."""

from modelhall.domain.people import Actor, Role
from modelhall.services.aliases.alias_view import AliasView, alias_views
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import aliases


async def list_aliases(house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL) -> Page[AliasView]:
    """A page of living aliases, the oldest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await aliases.list_aliases(connection, actor.organisation_id, after=id_cursor(after), limit=limit + 1)
        page = page_of(found, limit, lambda alias: alias.id)
        return Page(await alias_views(house, connection, actor.organisation_id, page.items), page.next)
