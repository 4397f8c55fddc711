"""Sessions: people who signed in to the page."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.storage.rows import Row, must_hit_one, now
from modelhall.storage.tables.people import members, sessions


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in; the cookie itself is nowhere, only its digest."""

    id: str
    digest: bytes = field(repr=False)
    member_id: str
    user_agent: str | None
    created_at: datetime
    seen_at: datetime
    idle_until: datetime
    absolute_until: datetime


async def insert_session(
    connection: AsyncConnection,
    *,
    digest: bytes,
    member_id: str,
    user_agent: str | None,
    idle_until: datetime,
    absolute_until: datetime,
) -> Session:
    """A new session."""
    begun = now()
    session = Session(new_id(), digest, member_id, user_agent, begun, begun, idle_until, absolute_until)
    await connection.execute(
        sessions.insert().values(
            id=session.id,
            digest=digest,
            member_id=member_id,
            user_agent=user_agent,
            created_at=begun,
            seen_at=begun,
            idle_until=idle_until,
            absolute_until=absolute_until,
        )
    )
    return session


async def session_by_digest(connection: AsyncConnection, digest: bytes, at: datetime) -> Session | None:
    """The session with that digest, if it has neither ended nor run out."""
    row = (await connection.execute(sa.select(sessions).where(sessions.c.digest == digest, _lives(at)))).one_or_none()
    return None if row is None else _session_of(row)


async def get_session(connection: AsyncConnection, session_id: str) -> Session | None:
    """The session of that id, if it has not ended."""
    theirs = sa.select(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    row = (await connection.execute(theirs)).one_or_none()
    return None if row is None else _session_of(row)


async def sessions_of(connection: AsyncConnection, account_id: str, at: datetime) -> list[Session]:
    """The person's living sessions in all organisations, the one seen last first."""
    theirs = sa.select(sessions).where(_of_account(account_id), _lives(at))
    return [_session_of(row) for row in await connection.execute(theirs.order_by(sessions.c.seen_at.desc()))]


async def touch_session(
    connection: AsyncConnection, session_id: str, *, seen_at: datetime, idle_until: datetime
) -> None:
    """Note that the session is in use."""
    change = sa.update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    await connection.execute(change.values(seen_at=seen_at, idle_until=idle_until))


async def end_session(connection: AsyncConnection, session_id: str) -> None:
    """Sign out. Raises NotFound for a session that has ended."""
    change = sa.update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    await must_hit_one(connection, change.values(ended_at=now()), "session")


async def end_sessions_of(connection: AsyncConnection, member_id: str) -> int:
    """Sign a member out everywhere; gives from how many sessions."""
    change = sa.update(sessions).where(sessions.c.member_id == member_id, sessions.c.ended_at.is_(None))
    return (await connection.execute(change.values(ended_at=now()))).rowcount


async def end_sessions_of_account(connection: AsyncConnection, account_id: str, *, but: str | None = None) -> int:
    """Sign a person out everywhere, but for one session; gives from how many."""
    change = sa.update(sessions).where(_of_account(account_id), sessions.c.ended_at.is_(None))
    if but is not None:
        change = change.where(sessions.c.id != but)
    return (await connection.execute(change.values(ended_at=now()))).rowcount


async def forget_sessions(connection: AsyncConnection, before: datetime) -> int:
    """Remove sessions that ended or ran out before that time; gives how many."""
    over = (sessions.c.ended_at < before) | (sessions.c.idle_until < before) | (sessions.c.absolute_until < before)
    return (await connection.execute(sa.delete(sessions).where(over))).rowcount


def _of_account(account_id: str) -> sa.ColumnElement[bool]:
    return sessions.c.member_id.in_(sa.select(members.c.id).where(members.c.account_id == account_id))


def _lives(at: datetime) -> sa.ColumnElement[bool]:
    return sessions.c.ended_at.is_(None) & (sessions.c.idle_until > at) & (sessions.c.absolute_until > at)


def _session_of(row: Row) -> Session:
    return Session(
        id=row.id,
        digest=row.digest,
        member_id=row.member_id,
        user_agent=row.user_agent,
        created_at=row.created_at,
        seen_at=row.seen_at,
        idle_until=row.idle_until,
        absolute_until=row.absolute_until,
    )
