"""Invitations: who may become a member, by a one-time code of which only the digest is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.people import Role
from modelhall.storage.rows import PAGE, Row, after_id, must_hit_one, now
from modelhall.storage.tables.people import invitations


@dataclass(frozen=True, slots=True)
class Invitation:
    """A place that waits for its member."""

    id: str
    organisation_id: str
    login: str
    role: Role
    digest: bytes = field(repr=False)
    invited_by: str
    created_at: datetime
    expires_at: datetime


async def insert_invitation(
    connection: AsyncConnection,
    *,
    organisation_id: str,
    login: str,
    role: Role,
    digest: bytes,
    invited_by: str,
    expires_at: datetime,
) -> Invitation:
    """A new invitation; an open one of the same login in the organisation ends."""
    same = (invitations.c.organisation_id == organisation_id) & (invitations.c.login == login)
    await connection.execute(sa.update(invitations).where(same, _OPEN).values(ended_at=now()))
    made = Invitation(new_id(), organisation_id, login, role, digest, invited_by, now(), expires_at)
    await connection.execute(
        invitations.insert().values(
            id=made.id,
            organisation_id=organisation_id,
            login=login,
            role=role.word,
            digest=digest,
            invited_by=invited_by,
            created_at=made.created_at,
            expires_at=expires_at,
        )
    )
    return made


async def get_invitation(connection: AsyncConnection, invitation_id: str) -> Invitation | None:
    """The open invitation of that id, also one that is too old."""
    return await _one(connection, invitations.c.id == invitation_id)


async def invitation_by_digest(connection: AsyncConnection, digest: bytes, at: datetime) -> Invitation | None:
    """The invitation of that code, if it may still be accepted."""
    return await _one(connection, (invitations.c.digest == digest) & (invitations.c.expires_at > at))


async def list_invitations(
    connection: AsyncConnection, organisation_id: str, *, after: str | None = None, limit: int = PAGE
) -> Sequence[Invitation]:
    """A page of the organisation's open invitations, also those that are too old; the oldest first."""
    theirs = sa.select(invitations).where(invitations.c.organisation_id == organisation_id, _OPEN)
    return [_invitation_of(row) for row in await connection.execute(after_id(theirs, invitations.c.id, after, limit))]


async def renew_invitation(
    connection: AsyncConnection, invitation_id: str, *, digest: bytes, expires_at: datetime
) -> None:
    """Another code and another end; the code before is good no more. Raises NotFound."""
    change = sa.update(invitations).where(invitations.c.id == invitation_id, _OPEN)
    await must_hit_one(connection, change.values(digest=digest, expires_at=expires_at), "invitation")


async def end_invitation(connection: AsyncConnection, invitation_id: str) -> None:
    """It was accepted or withdrawn: its code is good no more. Raises NotFound when it has ended before."""
    change = sa.update(invitations).where(invitations.c.id == invitation_id, _OPEN)
    await must_hit_one(connection, change.values(ended_at=now()), "invitation")


async def forget_invitations(connection: AsyncConnection, before: datetime) -> int:
    """Remove those that ended or ran out before that time, with the logins in them; gives how many."""
    over = (invitations.c.ended_at < before) | (invitations.c.expires_at < before)
    return (await connection.execute(sa.delete(invitations).where(over))).rowcount


_OPEN = invitations.c.ended_at.is_(None)


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Invitation | None:
    row = (await connection.execute(sa.select(invitations).where(condition, _OPEN))).one_or_none()
    return None if row is None else _invitation_of(row)


def _invitation_of(row: Row) -> Invitation:
    return Invitation(
        id=row.id,
        organisation_id=row.organisation_id,
        login=row.login,
        role=Role.named(row.role),
        digest=row.digest,
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
