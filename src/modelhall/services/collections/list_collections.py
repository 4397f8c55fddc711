"""Lists collections, or shows one."""

from modelhall.domain.people import Actor, Role
from modelhall.services.collections.collection_view import CollectionView, collection_views
from modelhall.services.house import House
from modelhall.services.models.find_collection import find_collection
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import collections


async def list_collections(
    house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL
) -> Page[CollectionView]:
    """A page of living collections, the oldest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await collections.list_collections(
            connection, actor.organisation_id, after=id_cursor(after), limit=limit + 1
        )
        page = page_of(found, limit, lambda each: each.id)
        return Page(await collection_views(connection, page.items), page.next)


async def show_collection(house: House, actor: Actor, name: str) -> CollectionView:
    """The collection of that name. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await find_collection(connection, actor.organisation_id, name)
        (view,) = await collection_views(connection, [found])
        return view
