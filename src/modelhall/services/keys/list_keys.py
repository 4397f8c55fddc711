"""Lists keys: an admin's list holds all, a member's their own."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.keys.key_view import KeyView, key_views
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import keys


async def list_keys(house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL) -> Page[KeyView]:
    """A page of living keys, the oldest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.MEMBER)
    own = None if actor.role >= Role.ADMIN else actor.member_id
    async with house.database.read() as connection:
        found = await keys.list_keys(
            connection, actor.organisation_id, member_id=own, after=id_cursor(after), limit=limit + 1
        )
        page = page_of(found, limit, lambda key: key.id)
        return Page(await key_views(connection, page.items), page.next)
