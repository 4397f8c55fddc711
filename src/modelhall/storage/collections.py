"""Collections: named sets of models, each in its own order."""

from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.library import Collection
from modelhall.storage.rows import PAGE, Row, after_id, must_hit_one, now
from modelhall.storage.tables.library import collection_models, collections, library_models

BEHIND = 10**6
"""The place of what was deleted, behind every living model."""

LIVING = sa.select(collections).where(collections.c.deleted_at.is_(None))


async def insert_collection(
    connection: AsyncConnection, *, organisation_id: str, name: str, model_ids: Sequence[str]
) -> Collection:
    """A new set of these models. The transaction's end raises AlreadyExists when the name is taken."""
    made = Collection(new_id(), organisation_id, name, tuple(model_ids))
    row = {"id": made.id, "organisation_id": organisation_id, "name": name, "created_at": now()}
    await connection.execute(collections.insert().values(row))
    await _insert_models(connection, made)
    return made


async def collection_by_name(connection: AsyncConnection, organisation_id: str, name: str) -> Collection | None:
    """The organisation's living collection of that name."""
    theirs = LIVING.where(collections.c.organisation_id == organisation_id, collections.c.name == name)
    rows = (await connection.execute(theirs)).all()
    return next(iter(await _with_models(connection, rows)), None)


async def list_collections(
    connection: AsyncConnection, organisation_id: str, *, after: str | None = None, limit: int = PAGE
) -> Sequence[Collection]:
    """A page of the organisation's living collections, the oldest first."""
    theirs = LIVING.where(collections.c.organisation_id == organisation_id)
    rows = (await connection.execute(after_id(theirs, collections.c.id, after, limit))).all()
    return await _with_models(connection, rows)


async def collections_of_models(connection: AsyncConnection, model_ids: Several[str]) -> Mapping[str, tuple[str, ...]]:
    """The names of the living collections that each of these models is in, by model id."""
    query = (
        sa.select(collection_models.c.model_id, collections.c.name)
        .join_from(collection_models, collections)
        .where(collections.c.deleted_at.is_(None), collection_models.c.model_id.in_(model_ids))
        .order_by(collections.c.name)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(query):
        found[row.model_id] = (*found.get(row.model_id, ()), row.name)
    return found


async def update_collection(connection: AsyncConnection, collection: Collection) -> None:
    """Write its name and its models in their order. Raises NotFound.

    Models that were deleted stay in the set behind the others: they are in it again when they come back.
    """
    change = sa.update(collections).where(collections.c.id == collection.id, collections.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(name=collection.name), "collection")
    living = sa.select(library_models.c.id).where(library_models.c.deleted_at.is_(None))
    theirs = collection_models.c.collection_id == collection.id
    await connection.execute(sa.delete(collection_models).where(theirs, collection_models.c.model_id.in_(living)))
    await connection.execute(sa.update(collection_models).where(theirs).values(position=BEHIND))
    await _insert_models(connection, collection)


async def delete_collection(connection: AsyncConnection, collection_id: str) -> None:
    """Delete it; its models stay, its name is free again. Raises NotFound."""
    change = sa.update(collections).where(collections.c.id == collection_id, collections.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=now()), "collection")


async def _insert_models(connection: AsyncConnection, collection: Collection) -> None:
    rows = [
        {"collection_id": collection.id, "model_id": model_id, "position": position}
        for position, model_id in enumerate(collection.model_ids)
    ]
    if rows:
        await connection.execute(collection_models.insert(), rows)


async def _with_models(connection: AsyncConnection, rows: Sequence[Row]) -> list[Collection]:
    """With those of their models that live."""
    query = (
        sa.select(collection_models.c.collection_id, collection_models.c.model_id)
        .join_from(collection_models, library_models, library_models.c.id == collection_models.c.model_id)
        .where(collection_models.c.collection_id.in_([row.id for row in rows]), library_models.c.deleted_at.is_(None))
        .order_by(collection_models.c.position, library_models.c.number)
    )
    held: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(query):
        held[row.collection_id] = (*held.get(row.collection_id, ()), row.model_id)
    return [Collection(row.id, row.organisation_id, row.name, held.get(row.id, ())) for row in rows]
