"""Roll-ups: sums per minute, quarter hour and UTC day, written in the transaction of the ledger rows they sum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import add as add_up
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import NIL
from modelhall.storage.journal import Intent, Settled
from modelhall.storage.tables.money import MEASURES, TIME_BUCKETS, rollups

GRAINS: Mapping[str, timedelta] = {
    "minute": timedelta(minutes=1),
    "quarter": timedelta(minutes=15),
    "day": timedelta(days=1),
}
_PLACE = {name: place for place, name in enumerate(MEASURES)}
_FIRST_BYTE, _TOTAL = _PLACE["first_byte_b0"], _PLACE["total_b0"]
_COST, _CHARGE, _UNCONFIRMED, _UNPRICED = (_PLACE[name] for name in ("cost", "charge", "unconfirmed", "unpriced"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was refused before any attempt: only ever counted."""

    at: datetime
    organisation_id: str
    project_id: str | None
    member_id: str | None
    key_id: str | None
    profile_id: str | None
    model_id: str | None
    reason: str
    count: int = 1


Key = tuple[Any, ...]
"""Start, dimensions, outcome."""
Converters = tuple[Callable[[Any], Any] | None, ...]
"""What the driver wants done to the values of a key."""


class Sums:
    """Measures by minute, dimensions and outcome, added up in memory before they are written in every grain."""

    def __init__(self) -> None:
        self._minutes: dict[Key, list[int]] = {}

    def add_attempt(self, intent: Intent, settled: Settled) -> None:
        """Counts an attempt at the time it started."""
        key = (
            intent.started_us // 60_000_000,
            intent.organisation_id,
            intent.project_id or NIL,
            intent.member_id,
            intent.key_id or NIL,
            intent.profile_id,
            intent.model_id,
            settled.status,
        )
        measures = self._minutes.get(key) or self._minutes.setdefault(key, [0] * len(MEASURES))
        measures[0] += 1
        for name, count in settled.usage.items():
            measures[_PLACE[name]] += count
        if (cost := settled.cost) is None:
            measures[_UNPRICED] += 1
        else:
            measures[_COST] += cost
        measures[_CHARGE] += settled.charge or 0
        measures[_UNCONFIRMED] += settled.unconfirmed or 0
        if (first_byte_ms := settled.first_byte_ms) is not None:
            measures[_FIRST_BYTE + bucket_of(first_byte_ms)] += 1
        measures[_TOTAL + bucket_of(settled.total_ms)] += 1

    def add_refusal(self, refusal: Refusal) -> None:
        """Counts calls that were refused."""
        key = (
            int(refusal.at.timestamp()) // 60,
            refusal.organisation_id,
            refusal.project_id or NIL,
            refusal.member_id or NIL,
            refusal.key_id or NIL,
            refusal.profile_id or NIL,
            refusal.model_id or NIL,
            refusal.reason,
        )
        self._minutes.setdefault(key, [0] * len(MEASURES))[0] += refusal.count

    def values(self) -> list[tuple[Any, ...]]:
        """The sums as rows, in the order of their keys so that two writers never wait for each other in a circle."""
        return [
            (grain, datetime.fromtimestamp(start, UTC), *names, *row)
            for grain, width in sorted(GRAINS.items())
            for (start, *names), row in sorted(self._in(int(width.total_seconds())).items())
        ]

    def _in(self, width: int) -> dict[Key, list[int]]:
        """The minutes added up to stretches of so many seconds; the keys begin with the second, counted from 1970."""
        added: dict[Key, list[int]] = {}
        for (minute, *names), measures in self._minutes.items():
            key = (minute * 60 // width * width, *names)
            known = added.get(key)
            added[key] = measures if known is None else list(map(add_up, known, measures))
        return added


async def add(connection: AsyncConnection, sums: Sums) -> None:
    """Adds the sums to what the roll-ups hold.

    The rows go to the driver as plain tuples: with all these measures, SQLAlchemy's own way takes most of the time.
    """
    rows = sums.values()
    if not rows:
        return
    sql, converters = _upsert(connection.dialect)
    await connection.exec_driver_sql(sql, [_converted(row, converters) for row in rows])


def _converted(row: tuple[Any, ...], converters: Converters) -> tuple[Any, ...]:
    """The row as the driver takes it; only what is in the key may need a change."""
    key, measures = row[: len(converters)], row[len(converters) :]
    return (
        *(value if convert is None else convert(value) for value, convert in zip(key, converters, strict=True)),
        *measures,
    )


@cache
def _upsert(dialect: Dialect) -> tuple[str, Converters]:
    """The statement, and what the driver wants done to the values of a key."""
    insert = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(rollups)
    insert = insert.values({column.name: sa.bindparam(column.name) for column in rollups.columns})
    upsert = insert.on_conflict_do_update(
        index_elements=list(rollups.primary_key.columns),
        set_={name: rollups.c[name] + insert.excluded[name] for name in MEASURES},
    )
    keys = (column.type.dialect_impl(dialect).bind_processor(dialect) for column in rollups.primary_key.columns)
    return str(upsert.compile(dialect=dialect)), tuple(keys)


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a model has been doing over a stretch of time: attempts by status."""

    model_id: str
    attempts: Mapping[str, int]
    last_minute: datetime


async def pulses(connection: AsyncConnection, organisation_id: str, since: datetime) -> list[Pulse]:
    """Attempts by status per model since a time, from the minutes; refusals of our own are not among them."""
    columns = rollups.c
    rows = await connection.execute(
        sa.select(columns.model_id, columns.outcome, sa.func.sum(columns.attempts), sa.func.max(columns.starts_at))
        .where(
            columns.grain == "minute",
            columns.starts_at >= since,
            columns.organisation_id == organisation_id,
            columns.profile_id != NIL,
        )
        .group_by(columns.model_id, columns.outcome)
    )
    attempts: dict[str, dict[str, int]] = {}
    last: dict[str, datetime] = {}
    for model_id, outcome, count, minute in rows:
        attempts.setdefault(model_id, {})[outcome] = int(count)
        last[model_id] = max(last.get(model_id, minute), minute)
    return [Pulse(model_id, counts, last[model_id]) for model_id, counts in attempts.items()]


async def last_used(connection: AsyncConnection, organisation_id: str) -> Mapping[str, datetime]:
    """The start of the last UTC day on which each model was tried, by model id; who never was is not there."""
    columns = rollups.c
    rows = await connection.execute(
        sa.select(columns.model_id, sa.func.max(columns.starts_at))
        .where(columns.grain == "day", columns.organisation_id == organisation_id, columns.profile_id != NIL)
        .group_by(columns.model_id)
    )
    return {model_id: day for model_id, day in rows}


async def usual_waits(connection: AsyncConnection, organisation_id: str, since: datetime) -> Mapping[str, int]:
    """The usual time to the first byte of each model's answers since a time, in ms: at most that for half of them.

    From the quarter hours; a model without any timed answer is not there.
    """
    columns = rollups.c
    counts = [sa.func.sum(columns[f"first_byte_b{n}"]) for n in range(TIME_BUCKETS)]
    rows = await connection.execute(
        sa.select(columns.model_id, *counts)
        .where(
            columns.grain == "quarter",
            columns.starts_at >= since,
            columns.organisation_id == organisation_id,
            columns.profile_id != NIL,
            columns.outcome == "ok",
        )
        .group_by(columns.model_id)
    )
    waits = {model_id: _median([int(count) for count in told]) for model_id, *told in rows}
    return {model_id: wait for model_id, wait in waits.items() if wait is not None}


def _median(counts: list[int]) -> int | None:
    """The upper end of the bucket that holds the middle one."""
    half, seen = sum(counts) / 2, 0
    for bucket, count in enumerate(counts):
        seen += count
        if count and seen >= half:
            return 1 << bucket
    return None


def bucket_of(milliseconds: int) -> int:
    """The time bucket: the smallest n with milliseconds ≤ 2^n, the last one open."""
    return min(max(milliseconds - 1, 0).bit_length(), TIME_BUCKETS - 1)
