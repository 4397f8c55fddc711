"""Deletes a collection; its models stay."""

from modelhall.domain.errors import Stale
from modelhall.domain.people import Actor, Role
from modelhall.services.collections.collection_view import CollectionView, collection_views, told
from modelhall.services.house import House
from modelhall.services.models.find_collection import find_collection
from modelhall.services.rights import require
from modelhall.storage import collections


async def delete_collection(house: House, actor: Actor, name: str, *, if_revision: int | None = None) -> CollectionView:
    """Delete it; gives what it was, so that it can be set again. Raises RoleTooLow, NotFound, Stale."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        found = await find_collection(change.connection, actor.organisation_id, name)
        (view,) = await collection_views(change.connection, [found])
        if if_revision is not None and view.revision != if_revision:
            raise Stale(f"collection {name} was changed since you read it; read it again, then delete it")
        await collections.delete_collection(change.connection, found.id)
        await change.audit("collection.delete", "collection", found.id, name, before=told(view))
    return view
