"""Prices: sheets of rates, only ever added to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.prices import Passport, PriceSheet, Rate
from modelhall.storage.rows import Query, Row, now
from modelhall.storage.tables.money import prices

MODEL = "model"
"""The scope of a sheet that belongs to one model of the library."""


async def append_sheet(
    connection: AsyncConnection, sheet: PriceSheet, *, organisation_id: str, model_id: str
) -> PriceSheet:
    """Give a model a new sheet, in force from its `valid_from`. Raises ValueError for a sheet without rates."""
    if not sheet.rates:
        raise ValueError("a price sheet without rates")
    passport = sheet.passport
    shared = {
        "sheet_id": sheet.id,
        "organisation_id": organisation_id,
        "scope": MODEL,
        "scope_id": model_id,
        "valid_from": sheet.valid_from,
        "unit": passport.unit,
        "source": passport.source,
        "as_of": passport.as_of,
        "entered_by": passport.entered_by,
        "disagreeing": list(passport.disagreeing),
        "created_at": now(),
    }
    await connection.execute(prices.insert(), [{**shared, **_rate_values(rate)} for rate in sheet.rates])
    return sheet


async def current_sheets(
    connection: AsyncConnection, at: datetime, model_ids: Sequence[str] | None = None
) -> Mapping[str, tuple[PriceSheet, ...]]:
    """The sheet in force and those to come, the oldest first, by model id; of some models or of all."""
    in_force = (
        sa.select(prices.c.scope_id, sa.func.max(prices.c.valid_from).label("since"))
        .where(prices.c.scope == MODEL, prices.c.valid_from <= at)
        .group_by(prices.c.scope_id)
        .subquery()
    )
    query = (
        sa.select(prices)
        .outerjoin_from(prices, in_force, in_force.c.scope_id == prices.c.scope_id)
        .where(prices.c.scope == MODEL)
        .where(in_force.c.since.is_(None) | (prices.c.valid_from >= in_force.c.since))
    )
    return await _sheets(connection, query, model_ids)


async def all_sheets(connection: AsyncConnection, model_id: str) -> tuple[PriceSheet, ...]:
    """Every sheet that the model ever had, the oldest first, without those replaced from their first moment on."""
    found = await _sheets(connection, sa.select(prices).where(prices.c.scope == MODEL), [model_id])
    return found.get(model_id, ())


async def sheet_by_id(connection: AsyncConnection, sheet_id: str) -> PriceSheet | None:
    """The sheet of that id, whatever became of it."""
    rows = (
        await connection.execute(sa.select(prices).where(prices.c.sheet_id == sheet_id).order_by(prices.c.id))
    ).all()
    return _sheet_of(rows) if rows else None


async def _sheets(
    connection: AsyncConnection, query: Query, model_ids: Sequence[str] | None
) -> dict[str, tuple[PriceSheet, ...]]:
    if model_ids is not None:
        query = query.where(prices.c.scope_id.in_(model_ids))
    ordered = query.order_by(prices.c.scope_id, prices.c.valid_from, prices.c.created_at, prices.c.id)
    sheets: dict[tuple[str, datetime], list[Row]] = {}
    for row in await connection.execute(ordered):
        rows = sheets.setdefault((row.scope_id, row.valid_from), [])
        if rows and rows[0].sheet_id != row.sheet_id:
            # A later sheet for the same moment replaces the earlier one.
            rows.clear()
        rows.append(row)
    found: dict[str, tuple[PriceSheet, ...]] = {}
    for (model_id, _), rows in sheets.items():
        found[model_id] = (*found.get(model_id, ()), _sheet_of(rows))
    return found


def _sheet_of(rows: Sequence[Row]) -> PriceSheet:
    first = rows[0]
    passport = Passport(first.unit, first.source, first.as_of, first.entered_by, tuple(first.disagreeing))
    return PriceSheet(first.sheet_id, first.valid_from, tuple(_rates(rows)), passport)


def _rates(rows: Iterable[Row]) -> Iterable[Rate]:
    for row in rows:
        hours = None if row.hour_from is None else (row.hour_from, row.hour_to)
        yield Rate(row.usage_class, row.usd_per_million, row.context_over, row.service_tier, hours)


def _rate_values(rate: Rate) -> dict[str, object]:
    start, end = rate.utc_hours or (None, None)
    return {
        "id": new_id(),
        "usage_class": rate.usage_class,
        "usd_per_million": rate.usd_per_million,
        "context_over": rate.context_over,
        "service_tier": rate.service_tier,
        "hour_from": start,
        "hour_to": end,
    }
