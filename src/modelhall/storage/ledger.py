"""The ledger: one row per attempt, written once (see `posting`), never edited; and how it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.usage import USAGE_CLASSES
from modelhall.storage.journal import Intent, Settled
from modelhall.storage.tables.money import attempts, corrections

UNKNOWN = "unknown"
"""The status of an attempt of which only the intent is known: its process died."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An attempt, whole."""

    intent: Intent
    settled: Settled


def unsettled(intent: Intent) -> Entry:
    """What is known of an attempt whose end nobody saw: what was set aside may all have been spent."""
    settled = Settled(
        id=intent.id,
        status=UNKNOWN,
        error="process_died",
        upstream_status=None,
        upstream_id=None,
        first_byte_ms=None,
        total_ms=0,
        usage={},
        vendor_usage=None,
        estimated=False,
        flaw=None,
        service_tier="standard",
        cost=None,
        charge=None,
        unconfirmed=intent.bound,
        receipt=None,
    )
    return Entry(intent, settled)


async def known(connection: AsyncConnection, ids: Sequence[str]) -> set[str]:
    """Which of these attempts are in the ledger already."""
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        rows = await connection.execute(sa.select(attempts.c.id).where(attempts.c.id.in_(ids[start : start + 500])))
        found.update(rows.scalars())
    return found


@dataclass(frozen=True, slots=True)
class Attempt:
    """A ledger row as it is read, with later corrections added."""

    id: str
    call_id: str
    number: int
    project_id: str | None
    member_id: str
    key_id: str | None
    profile_id: str
    model_id: str
    model: str
    asked: str
    dialect: str
    streamed: bool
    status: str
    error: str | None
    upstream_status: int | None
    started_at: datetime
    first_byte_ms: int | None
    total_ms: int
    usage: Mapping[str, int]
    vendor_usage: str | None
    estimated: bool
    flaw: str | None
    price_id: str | None
    cost: int | None
    charge: int | None
    unconfirmed: int | None
    receipt: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which attempts are asked for; `None` asks for all."""

    organisation_id: str
    member_id: str | None = None
    key_id: str | None = None
    model_id: str | None = None
    call_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """Sums over attempts. What is not known is counted, never summed as nothing."""

    attempts: int
    usage: Mapping[str, int]
    cost: int
    charge: int
    unconfirmed: int
    unpriced: int


async def page(connection: AsyncConnection, which: Which, *, before: str | None, limit: int) -> list[Attempt]:
    """Attempts, the newest first, from the one after `before` on."""
    query = sa.select(attempts).where(*_conditions(which)).order_by(attempts.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(attempts.c.id < before)
    rows = (await connection.execute(query)).mappings().all()
    corrected = await _corrected(connection, corrections.c.attempt_id.in_([row["id"] for row in rows]))
    return [_attempt(dict(row), corrected.get(row["id"], _NOTHING)) for row in rows]


async def total(connection: AsyncConnection, which: Which) -> Total:
    """The sums over the attempts asked for, with their corrections."""
    query = sa.select(*_sums()).where(*_conditions(which))
    row = (await connection.execute(query)).mappings().one()
    return _total(dict(row), await _correction_sum(connection, which))


async def totals_by_model(connection: AsyncConnection, which: Which) -> dict[str, Total]:
    """The same for each model by the public name that it was called by."""
    model = attempts.c.model
    query = sa.select(model, *_sums()).where(*_conditions(which)).group_by(model).order_by(model)
    rows = (await connection.execute(query)).mappings().all()
    corrected = sa.select(model, *_DIFFERENCES).select_from(corrections.join(attempts)).where(*_conditions(which))
    more = {
        row["model"]: _difference(dict(row)) for row in (await connection.execute(corrected.group_by(model))).mappings()
    }
    return {row["model"]: _total(dict(row), more.get(row["model"], _NOTHING)) for row in rows}


def _sums() -> list[sa.Label[Any]]:
    columns = attempts.c
    names = (*USAGE_CLASSES, "cost", "charge", "unconfirmed")
    return [
        *(sa.func.sum(columns[name]).label(name) for name in names),
        sa.func.count().label("attempts"),
        sa.func.count().filter(columns.cost.is_(None)).label("unpriced"),
    ]


def _total(row: Mapping[str, Any], more: "_Difference") -> Total:
    return Total(
        attempts=row["attempts"],
        usage={name: int(row[name]) for name in USAGE_CLASSES if row[name] is not None},
        cost=int(row["cost"] or 0) + more.cost,
        charge=int(row["charge"] or 0) + more.charge,
        unconfirmed=int(row["unconfirmed"] or 0) + more.unconfirmed,
        unpriced=row["unpriced"],
    )


def _conditions(which: Which) -> list[sa.ColumnElement[bool]]:
    columns = attempts.c
    conditions: list[sa.ColumnElement[bool]] = [columns.organisation_id == which.organisation_id]
    for column, value in (
        (columns.member_id, which.member_id),
        (columns.key_id, which.key_id),
        (columns.model_id, which.model_id),
        (columns.call_id, which.call_id),
    ):
        if value is not None:
            conditions.append(column == value)
    if which.since is not None:
        conditions.append(columns.started_at >= which.since)
    if which.until is not None:
        conditions.append(columns.started_at < which.until)
    return conditions


@dataclass(frozen=True, slots=True)
class _Difference:
    """What corrections add."""

    cost: int = 0
    charge: int = 0
    unconfirmed: int = 0


_NOTHING = _Difference()
_DIFFERENCES: list[sa.Label[Any]] = [
    sa.func.coalesce(sa.func.sum(corrections.c.cost_difference), 0).label("cost"),
    sa.func.coalesce(sa.func.sum(corrections.c.charge_difference), 0).label("charge"),
    sa.func.coalesce(sa.func.sum(corrections.c.unconfirmed_difference), 0).label("unconfirmed"),
]


async def _corrected(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> dict[str, _Difference]:
    """What corrections add to each attempt."""
    query = sa.select(corrections.c.attempt_id, *_DIFFERENCES).where(which).group_by(corrections.c.attempt_id)
    rows = (await connection.execute(query)).mappings()
    return {row["attempt_id"]: _difference(dict(row)) for row in rows}


async def _correction_sum(connection: AsyncConnection, which: Which) -> _Difference:
    query = sa.select(*_DIFFERENCES).select_from(corrections.join(attempts)).where(*_conditions(which))
    return _difference(dict((await connection.execute(query)).mappings().one()))


def _difference(row: Mapping[str, Any]) -> _Difference:
    return _Difference(int(row["cost"]), int(row["charge"]), int(row["unconfirmed"]))


def _attempt(row: Mapping[str, Any], more: _Difference) -> Attempt:
    computed = {"usage", "cost", "charge", "unconfirmed", "receipt"}
    return Attempt(
        **{field.name: row[field.name] for field in fields(Attempt) if field.name not in computed},
        usage={name: row[name] for name in USAGE_CLASSES if row[name] is not None},
        cost=_plus(row["cost"], more.cost),
        charge=_plus(row["charge"], more.charge),
        unconfirmed=_plus(row["unconfirmed"], more.unconfirmed),
        receipt=row["receipt"] or {},
    )


def _plus(amount: int | None, more: int) -> int | None:
    """An unknown amount stays unknown until a correction makes it known."""
    return more or None if amount is None else amount + more
