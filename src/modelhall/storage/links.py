"""One-time links: digests of codes that nobody has used yet."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.tables.people import links


async def insert_link(
    connection: AsyncConnection,
    digest: bytes,
    *,
    at: datetime,
    expires_at: datetime,
    most: int,
    member_id: str | None = None,
) -> None:
    """Keeps a code until then; what ran out by `at` goes, and of the others all but the `most` that last longest."""
    await connection.execute(sa.insert(links).values(digest=digest, expires_at=expires_at, member_id=member_id))
    longest = sa.select(links.c.digest).order_by(links.c.expires_at.desc()).limit(most)
    await connection.execute(sa.delete(links).where((links.c.expires_at <= at) | links.c.digest.not_in(longest)))


async def is_open(connection: AsyncConnection, digest: bytes, at: datetime) -> bool:
    """Whether such a code is there that nobody has used."""
    found = sa.select(links.c.digest).where(links.c.digest == digest, links.c.expires_at > at)
    return (await connection.execute(found)).first() is not None


@dataclass(frozen=True, slots=True)
class UsedLink:
    """A code that was good, and is not any more."""

    member_id: str | None
    """Whom it signs in; `None`: the operator's own account."""


async def use_link(connection: AsyncConnection, digest: bytes, at: datetime) -> UsedLink | None:
    """Takes a code away for good: only one of those who try gets it, in all processes together."""
    used = sa.delete(links).where(links.c.digest == digest, links.c.expires_at > at).returning(links.c.member_id)
    row = (await connection.execute(used)).one_or_none()
    return None if row is None else UsedLink(row.member_id)
