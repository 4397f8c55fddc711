"""Requests that carry an `Idempotency-Key`: done once, answered the same every time."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import Conflict, OtherRequest
from modelhall.storage.rows import now, upsert
from modelhall.storage.tables.system import idempotency


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with the first time."""

    status: int
    body: bytes


async def claim_request(
    connection: AsyncConnection, member_id: str, key: str, request_digest: bytes, *, stale_before: datetime
) -> Answer | None:
    """Take the key for this request: `None` = do it now, otherwise the answer it had.

    A claim from before `stale_before` that never got an answer was a dead process's, and is taken over. Raises Conflict
    while the same request is being done, OtherRequest when the key was used for another one.
    """
    row = {"member_id": member_id, "key": key, "request_digest": request_digest, "created_at": now()}
    taken = upsert(connection, idempotency).values(row).on_conflict_do_nothing()
    if (await connection.execute(taken)).rowcount == 1:
        return None
    theirs = _of(member_id, key)
    known = (await connection.execute(sa.select(idempotency).where(theirs).with_for_update())).one()
    if known.request_digest != request_digest:
        raise OtherRequest("This Idempotency-Key was used for another request. Use a new one.")
    if known.status is not None:
        return Answer(known.status, known.body)
    if known.created_at >= stale_before:
        raise Conflict("The same request is being worked on. Ask again in a moment.", retry_after_s=1)
    await connection.execute(sa.update(idempotency).where(theirs).values(created_at=now()))
    return None


async def answer_request(connection: AsyncConnection, member_id: str, key: str, answer: Answer) -> None:
    """Keep the answer; best in the transaction that does what was asked."""
    change = sa.update(idempotency).where(_of(member_id, key))
    await connection.execute(change.values(status=answer.status, body=answer.body))


async def drop_claim(connection: AsyncConnection, member_id: str, key: str) -> None:
    """Free the key of a request that failed before it changed anything."""
    await connection.execute(sa.delete(idempotency).where(_of(member_id, key), idempotency.c.status.is_(None)))


async def forget_requests(connection: AsyncConnection, before: datetime) -> int:
    """Remove what was asked before that time; gives how many."""
    return (await connection.execute(sa.delete(idempotency).where(idempotency.c.created_at < before))).rowcount


def _of(member_id: str, key: str) -> sa.ColumnElement[bool]:
    return (idempotency.c.member_id == member_id) & (idempotency.c.key == key)
