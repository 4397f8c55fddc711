"""Aliases: an organisation's own names for models, each with what to fall back to."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import Conflict
from modelhall.domain.ids import new_id
from modelhall.domain.library import Alias
from modelhall.storage.rows import PAGE, Row, after_id, must_hit_one, now
from modelhall.storage.tables.library import alias_targets, aliases

LIVING = sa.select(aliases).where(aliases.c.deleted_at.is_(None))
TARGETS = sa.select(alias_targets).order_by(alias_targets.c.alias_id, alias_targets.c.position)


async def insert_alias(
    connection: AsyncConnection,
    *,
    organisation_id: str,
    name: str,
    model_ids: Sequence[str],
    ceiling_usd_per_mtok: Decimal | None = None,
) -> Alias:
    """A new name for these models, the preferred first. The transaction's end raises AlreadyExists when it is taken."""
    alias = Alias(new_id(), organisation_id, name, tuple(model_ids), ceiling_usd_per_mtok)
    row = {"id": alias.id, "organisation_id": organisation_id, "created_at": now(), **_values(alias)}
    await connection.execute(aliases.insert().values(row))
    await _insert_targets(connection, alias)
    return alias


async def get_alias(connection: AsyncConnection, alias_id: str) -> Alias | None:
    """The living alias of that id."""
    return await _one(connection, aliases.c.id == alias_id)


async def alias_by_name(connection: AsyncConnection, organisation_id: str, name: str) -> Alias | None:
    """The organisation's living alias of that name."""
    return await _one(connection, (aliases.c.organisation_id == organisation_id) & (aliases.c.name == name))


async def list_aliases(
    connection: AsyncConnection, organisation_id: str, *, after: str | None = None, limit: int = PAGE
) -> Sequence[Alias]:
    """A page of the organisation's living aliases, the oldest first."""
    theirs = LIVING.where(aliases.c.organisation_id == organisation_id)
    rows = (await connection.execute(after_id(theirs, aliases.c.id, after, limit))).all()
    return await _with_targets(connection, rows)


async def update_alias(connection: AsyncConnection, alias: Alias) -> None:
    """Write its name, its ceiling and its models. Raises NotFound."""
    change = sa.update(aliases).where(aliases.c.id == alias.id, aliases.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(_values(alias)), "alias")
    await connection.execute(sa.delete(alias_targets).where(alias_targets.c.alias_id == alias.id))
    await _insert_targets(connection, alias)


async def delete_alias(connection: AsyncConnection, alias_id: str) -> None:
    """Delete it; its name is free again. Raises NotFound."""
    change = sa.update(aliases).where(aliases.c.id == alias_id, aliases.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=now()), "alias")


def alias_of(row: Row, targets: Mapping[str, Sequence[str]]) -> Alias:
    """From a row of LIVING and the model ids by alias."""
    ceiling = None if row.ceiling_usd_per_mtok is None else Decimal(row.ceiling_usd_per_mtok)
    return Alias(row.id, row.organisation_id, row.name, tuple(targets.get(row.id, ())), ceiling)


def by_alias(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Model ids by the id of the alias, from rows of TARGETS."""
    targets: dict[str, list[str]] = {}
    for row in rows:
        targets.setdefault(row.alias_id, []).append(row.model_id)
    return targets


def _values(alias: Alias) -> dict[str, str | None]:
    ceiling = alias.ceiling_usd_per_mtok
    return {"name": alias.name, "ceiling_usd_per_mtok": None if ceiling is None else format(ceiling, "f")}


async def _insert_targets(connection: AsyncConnection, alias: Alias) -> None:
    if not alias.model_ids:
        raise Conflict("An alias needs at least one model.")
    rows = [
        {"alias_id": alias.id, "position": position, "model_id": model_id}
        for position, model_id in enumerate(alias.model_ids)
    ]
    await connection.execute(alias_targets.insert(), rows)


async def _with_targets(connection: AsyncConnection, rows: Sequence[Row]) -> list[Alias]:
    theirs = TARGETS.where(alias_targets.c.alias_id.in_([row.id for row in rows]))
    targets = by_alias((await connection.execute(theirs)).all())
    return [alias_of(row, targets) for row in rows]


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Alias | None:
    rows = (await connection.execute(LIVING.where(condition))).all()
    return next(iter(await _with_targets(connection, rows)), None)
