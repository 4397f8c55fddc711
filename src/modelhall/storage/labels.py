"""The tags that models of the library carry."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.tables.library import model_tags, tags


async def tags_of_models(connection: AsyncConnection, organisation_id: str) -> dict[str, tuple[str, ...]]:
    """The names of the living tags of each model that has any, by library model id."""
    query = (
        sa.select(model_tags.c.model_id, tags.c.name)
        .join_from(model_tags, tags)
        .where(tags.c.organisation_id == organisation_id, tags.c.deleted_at.is_(None))
        .order_by(tags.c.name)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(query):
        found[row.model_id] = (*found.get(row.model_id, ()), row.name)
    return found
