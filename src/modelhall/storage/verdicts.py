"""What people said of the answers of models: a rating, a note, and how quick the answer was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.storage.rows import PAGE, Row, upsert
from modelhall.storage.tables.library import verdicts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one member said of one call."""

    organisation_id: str
    member_id: str
    call_id: str
    model: str
    """The public name that it was called by; it need not be in the library."""
    rating: int
    """1, of no use, to 5, just right."""
    note: str | None
    first_byte_ms: int | None
    total_ms: int | None
    at: datetime


async def put_verdict(connection: AsyncConnection, verdict: Verdict) -> None:
    """Keep it, in the place of the member's earlier one of the same call."""
    said = {"rating": verdict.rating, "note": verdict.note, "at": verdict.at}
    row = {
        "id": new_id(),
        "organisation_id": verdict.organisation_id,
        "member_id": verdict.member_id,
        "call_id": verdict.call_id,
        "model": verdict.model,
        "first_byte_ms": verdict.first_byte_ms,
        "total_ms": verdict.total_ms,
        **said,
    }
    keep = upsert(connection, verdicts).values(row)
    await connection.execute(
        keep.on_conflict_do_update(index_elements=["call_id", "member_id"], set_=said),
    )


async def verdicts_of(
    connection: AsyncConnection, organisation_id: str, model: str, *, limit: int = PAGE
) -> Sequence[Verdict]:
    """Those on one model, the newest first."""
    theirs = (verdicts.c.organisation_id == organisation_id) & (verdicts.c.model == model)
    query = sa.select(verdicts).where(theirs).order_by(verdicts.c.at.desc(), verdicts.c.id.desc()).limit(limit)
    return [_verdict(row) for row in await connection.execute(query)]


async def mean_rating(connection: AsyncConnection, organisation_id: str, model: str) -> tuple[int, Decimal | None]:
    """How many there are, and their mean to two places; `None`: there are none."""
    theirs = (verdicts.c.organisation_id == organisation_id) & (verdicts.c.model == model)
    query = sa.select(sa.func.count(), sa.func.sum(verdicts.c.rating)).where(theirs)
    count, total = (await connection.execute(query)).one()
    return count, round(Decimal(int(total)) / count, 2) if count else None


def _verdict(row: Row) -> Verdict:
    return Verdict(
        row.organisation_id,
        row.member_id,
        row.call_id,
        row.model,
        row.rating,
        row.note,
        row.first_byte_ms,
        row.total_ms,
        row.at,
    )
