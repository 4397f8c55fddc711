"""Makes a collection, or replaces what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from modelhall.domain.errors import Stale
from modelhall.domain.people import Actor, Role
from modelhall.services.collections.collection_view import CollectionView, collection_views, told
from modelhall.services.house import House
from modelhall.services.models.find_collection import find_models
from modelhall.services.rights import require
from modelhall.services.words import slug, wrong
from modelhall.storage import collections

MOST_MODELS = 1000


@dataclass(frozen=True, slots=True)
class CollectionSet:
    """The collection as it is, and as it was."""

    view: CollectionView
    before: CollectionView | None
    """`None`: there was none of that name."""


async def set_collection(
    house: House, actor: Actor, name: str, names: Sequence[str], *, if_revision: int | None = None
) -> CollectionSet:
    """Have it hold these models in this order; `collection:NAME` stands for those of another one.

    Raises RoleTooLow, BadRequest, UnknownModel, NotFound, Stale.
    """
    require(actor, Role.MEMBER)
    slug(name, "name")
    if len(names) > MOST_MODELS:
        raise wrong("models", f"at most {MOST_MODELS}")
    async with house.database.change(actor) as change:
        connection, organisation_id = change.connection, actor.organisation_id
        ids = tuple(model.id for model in await find_models(connection, organisation_id, names))
        old = await collections.collection_by_name(connection, organisation_id, name)
        before = None if old is None else (await collection_views(connection, [old]))[0]
        if if_revision is not None and (before is None or before.revision != if_revision):
            raise Stale(f"collection {name} was changed since you read it; read it again, then change it")
        if old is None:
            new = await collections.insert_collection(
                connection, organisation_id=organisation_id, name=name, model_ids=ids
            )
        else:
            new = replace(old, model_ids=ids)
            await collections.update_collection(connection, new)
        (view,) = await collection_views(connection, [new])
        if new == old:
            change.nothing()
        else:
            was = None if before is None else told(before)
            await change.audit("collection.set", "collection", new.id, name, before=was, after=told(view))
    return CollectionSet(view, before)
