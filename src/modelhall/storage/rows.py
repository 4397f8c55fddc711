"""Small helpers that every aggregate's file needs."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import NotFound, Stale

Query: TypeAlias = sa.Select[*tuple[Any, ...]]
Row: TypeAlias = sa.Row[*tuple[Any, ...]]

PAGE = 100


def now() -> datetime:
    """The current time, aware, UTC."""
    return datetime.now(UTC)


def upsert(connection: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows `on_conflict_do_update` and `on_conflict_do_nothing` in this database's own way."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


async def must_hit_one(connection: AsyncConnection, statement: sa.Update | sa.Delete, what: str) -> None:
    """Run a statement that is about one row. Raises NotFound when there is no such row."""
    if (await connection.execute(statement)).rowcount != 1:
        raise NotFound(f"There is no such {what}.")


async def must_be_current(connection: AsyncConnection, statement: sa.Update, what: str) -> None:
    """Run an update that asks for a certain revision. Raises Stale when the row has another one, or is gone."""
    if (await connection.execute(statement)).rowcount != 1:
        raise Stale(f"This {what} was changed or deleted since it was read. Read it again, then change it.")


def after_id(query: Query, column: sa.Column[str], after: str | None, limit: int) -> Query:
    """The page of a list that comes after an id; ids sort by the time they were made."""
    if after is not None:
        query = query.where(column > after)
    return query.order_by(column).limit(limit)
