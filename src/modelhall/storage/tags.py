"""Tags: labels of an organisation, any number on each of its models."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.storage.rows import now
from modelhall.storage.tables.library import library_models, model_tags, tags


async def tags_of_models(connection: AsyncConnection, model_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The labels of these models by model id, in the order of the alphabet; models without any are not there."""
    return await _told(connection, model_tags.c.model_id.in_(model_ids))


async def tags_by_model(connection: AsyncConnection, organisation_id: str) -> Mapping[str, tuple[str, ...]]:
    """The same of all models of an organisation that have any."""
    return await _told(connection, tags.c.organisation_id == organisation_id)


async def models_of_tag(connection: AsyncConnection, organisation_id: str, name: str) -> Sequence[str]:
    """The ids of the models that have this label."""
    theirs = (tags.c.organisation_id == organisation_id) & (tags.c.name == name) & tags.c.deleted_at.is_(None)
    query = sa.select(model_tags.c.model_id).join_from(model_tags, tags).where(theirs)
    return (await connection.execute(query)).scalars().all()


async def count_tags(connection: AsyncConnection, organisation_id: str) -> Sequence[tuple[str, int]]:
    """The organisation's labels in the order of the alphabet, each with the number of living models that have it."""
    query = (
        sa.select(tags.c.name, sa.func.count())
        .join_from(tags, model_tags, model_tags.c.tag_id == tags.c.id)
        .join(library_models, library_models.c.id == model_tags.c.model_id)
        .where(tags.c.organisation_id == organisation_id, tags.c.deleted_at.is_(None))
        .where(library_models.c.deleted_at.is_(None))
        .group_by(tags.c.name)
        .order_by(tags.c.name)
    )
    return [(name, count) for name, count in await connection.execute(query)]


async def set_tags(connection: AsyncConnection, organisation_id: str, model_id: str, names: Collection[str]) -> None:
    """Have the model carry exactly these labels; what is not there yet is made."""
    await connection.execute(sa.delete(model_tags).where(model_tags.c.model_id == model_id))
    if not names:
        return
    theirs = (tags.c.organisation_id == organisation_id) & tags.c.deleted_at.is_(None)
    known = await connection.execute(sa.select(tags.c.name, tags.c.id).where(theirs, tags.c.name.in_(names)))
    ids: dict[str, str] = {name: tag_id for name, tag_id in known}
    for name in names:
        if name not in ids:
            ids[name] = new_id()
            row = {"id": ids[name], "organisation_id": organisation_id, "name": name, "created_at": now()}
            await connection.execute(tags.insert().values(row))
    await connection.execute(model_tags.insert(), [{"tag_id": ids[name], "model_id": model_id} for name in names])


async def _told(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> Mapping[str, tuple[str, ...]]:
    query = (
        sa.select(model_tags.c.model_id, tags.c.name)
        .join_from(model_tags, tags)
        .where(which, tags.c.deleted_at.is_(None))
        .order_by(tags.c.name)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(query):
        found[row.model_id] = (*found.get(row.model_id, ()), row.name)
    return found
