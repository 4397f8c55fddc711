"""Settings that live in the database: an organisation's, and a member's own."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import NIL
from modelhall.storage.redaction import Plain
from modelhall.storage.rows import now, upsert
from modelhall.storage.tables.system import settings


async def read_settings(connection: AsyncConnection, organisation_id: str, member_id: str = NIL) -> Mapping[str, Plain]:
    """What is set, by name: for the whole organisation, or by a member for himself. What is not set is not there."""
    theirs = sa.select(settings.c.name, settings.c.value).where(
        settings.c.organisation_id == organisation_id, settings.c.member_id == member_id
    )
    return {row.name: row.value for row in await connection.execute(theirs.order_by(settings.c.name))}


async def write_setting(
    connection: AsyncConnection, organisation_id: str, name: str, value: Plain, member_id: str = NIL
) -> None:
    """Set it, or with `None` have it unset, so that the default holds again."""
    if value is None:
        theirs = (settings.c.organisation_id == organisation_id) & (settings.c.member_id == member_id)
        await connection.execute(sa.delete(settings).where(theirs, settings.c.name == name))
        return
    row = {"organisation_id": organisation_id, "member_id": member_id, "name": name}
    insert = upsert(connection, settings).values(**row, value=value, updated_at=now())
    fresh = {"value": insert.excluded.value, "updated_at": insert.excluded.updated_at}
    await connection.execute(insert.on_conflict_do_update(index_elements=list(row), set_=fresh))
