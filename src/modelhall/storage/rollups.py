"""Roll-ups: sums per minute, quarter hour and UTC day, written in the transaction of the ledger rows they sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import NIL
from modelhall.storage.journal import Intent, Settled
from modelhall.storage.tables.money import DIMENSIONS, MEASURES, TIME_BUCKETS, rollups

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


Key = tuple[datetime, tuple[str, ...], str]
"""Start, dimensions, outcome."""


class Sums:
    """Measures by minute, dimensions and outcome, added up in memory before they are written in every grain."""

    def __init__(self) -> None:
        self._minutes: dict[tuple[int, tuple[str, ...], str], list[int]] = {}

    def add_attempt(self, intent: Intent, settled: Settled) -> None:
        """Counts an attempt at the time it started."""
        dimensions = (
            intent.organisation_id,
            intent.project_id or NIL,
            intent.member_id,
            intent.key_id or NIL,
            intent.profile_id,
            intent.model_id,
        )
        measures = self._row(intent.started_us // 60_000_000, dimensions, settled.status)
        measures[0] += 1
        for name, count in settled.usage.items():
            measures[_PLACE[name]] += count
        measures[_COST] += settled.cost or 0
        measures[_CHARGE] += settled.charge or 0
        measures[_UNCONFIRMED] += settled.unconfirmed or 0
        measures[_UNPRICED] += settled.cost is None
        if settled.first_byte_ms is not None:
            measures[_FIRST_BYTE + bucket_of(settled.first_byte_ms)] += 1
        measures[_TOTAL + bucket_of(settled.total_ms)] += 1

    def add_refusal(self, refusal: Refusal) -> None:
        """Counts calls that were refused."""
        dimensions = (
            refusal.organisation_id,
            refusal.project_id or NIL,
            refusal.member_id or NIL,
            refusal.key_id or NIL,
            refusal.profile_id or NIL,
            refusal.model_id or NIL,
        )
        self._row(int(refusal.at.timestamp()) // 60, dimensions, refusal.reason)[0] += refusal.count

    def _row(self, minute: int, dimensions: tuple[str, ...], outcome: str) -> list[int]:
        key = (minute, dimensions, outcome)
        row = self._minutes.get(key)
        if row is None:
            row = self._minutes[key] = [0] * len(MEASURES)
        return row

    def values(self) -> list[dict[str, object]]:
        """The sums as rows, in the order of their keys so that two writers never wait for each other in a circle."""
        names = ("grain", "starts_at", *DIMENSIONS, "outcome")
        return [
            dict[str, object](zip((*names, *MEASURES), (grain, start, *dimensions, outcome, *row), strict=True))
            for grain, width in sorted(GRAINS.items())
            for (start, dimensions, outcome), row in sorted(self._in(width).items())
        ]

    def _in(self, width: timedelta) -> dict[Key, list[int]]:
        """The minutes added up to stretches of this width."""
        added: dict[Key, list[int]] = {}
        for (minute, dimensions, outcome), measures in self._minutes.items():
            key = (start_of(datetime.fromtimestamp(minute * 60, UTC), width), dimensions, outcome)
            known = added.get(key)
            added[key] = (
                measures if known is None else [one + other for one, other in zip(known, measures, strict=True)]
            )
        return added


async def add(connection: AsyncConnection, sums: Sums) -> None:
    """Adds the sums to what the roll-ups hold."""
    rows = sums.values()
    if not rows:
        return
    await connection.execute(_upsert(connection.dialect.name), rows)


@cache
def _upsert(dialect: str) -> sa.Insert:
    """Made once: with all its measures it takes longer to make than to run."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(rollups)
    return insert.on_conflict_do_update(
        index_elements=list(rollups.primary_key.columns),
        set_={name: rollups.c[name] + insert.excluded[name] for name in MEASURES},
    )


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


def start_of(at: datetime, width: timedelta) -> datetime:
    """The start of the stretch of that width, counted from 1970 in UTC, that holds `at`."""
    seconds = int(width.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def bucket_of(milliseconds: int) -> int:
    """The time bucket: the smallest n with milliseconds ≤ 2^n, the last one open."""
    return min(max(milliseconds - 1, 0).bit_length(), TIME_BUCKETS - 1)
