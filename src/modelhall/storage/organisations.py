"""Organisations: who owns rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.people import Organisation
from modelhall.storage.policies import policy_in, policy_out
from modelhall.storage.rows import PAGE, Row, after_id, must_hit_one, now
from modelhall.storage.tables.people import organisations

COLUMNS = tuple(organisations.c[name] for name in ("id", "slug", "name", "default_model_id", "policy"))


async def insert_organisation(connection: AsyncConnection, *, slug: str, name: str) -> Organisation:
    """A new organisation. The transaction's end raises AlreadyExists when the slug is taken."""
    organisation = Organisation(new_id(), slug, name, None)
    await connection.execute(organisations.insert().values(id=organisation.id, slug=slug, name=name, created_at=now()))
    return organisation


async def get_organisation(connection: AsyncConnection, organisation_id: str) -> Organisation | None:
    """The organisation of that id."""
    return await _one(connection, organisations.c.id == organisation_id)


async def organisation_by_slug(connection: AsyncConnection, slug: str) -> Organisation | None:
    """The organisation of that slug."""
    return await _one(connection, organisations.c.slug == slug)


async def list_organisations(
    connection: AsyncConnection, *, only: Sequence[str] | None = None, after: str | None = None, limit: int = PAGE
) -> Sequence[Organisation]:
    """A page of organisations, the oldest first; of those with these ids if asked."""
    query = sa.select(*COLUMNS)
    if only is not None:
        query = query.where(organisations.c.id.in_(only))
    rows = await connection.execute(after_id(query, organisations.c.id, after, limit))
    return [organisation_of(row) for row in rows]


async def update_organisation(connection: AsyncConnection, organisation: Organisation) -> None:
    """Write its name, default model and policy. Raises NotFound."""
    change = sa.update(organisations).where(organisations.c.id == organisation.id)
    values = {
        "name": organisation.name,
        "default_model_id": organisation.default_model_id,
        "policy": policy_out(organisation.policy),
    }
    await must_hit_one(connection, change.values(values), "organisation")


def organisation_of(row: Row) -> Organisation:
    """From a row of COLUMNS."""
    return Organisation(row.id, row.slug, row.name, row.default_model_id, policy_in(row.policy))


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Organisation | None:
    row = (await connection.execute(sa.select(*COLUMNS).where(condition))).one_or_none()
    return None if row is None else organisation_of(row)
