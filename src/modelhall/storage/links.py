"""One-time links: digests of codes that nobody has used yet."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.tables.people import links


async def insert_link(
    connection: AsyncConnection, digest: bytes, *, at: datetime, expires_at: datetime, most: int
) -> None:
    """Keeps a code until then; what ran out by `at` goes, and of the others all but the `most` that last longest."""
    await connection.execute(sa.insert(links).values(digest=digest, expires_at=expires_at))
    longest = sa.select(links.c.digest).order_by(links.c.expires_at.desc()).limit(most)
    await connection.execute(sa.delete(links).where((links.c.expires_at <= at) | links.c.digest.not_in(longest)))


async def is_open(connection: AsyncConnection, digest: bytes, at: datetime) -> bool:
    """Whether such a code is there that nobody has used."""
    found = sa.select(links.c.digest).where(links.c.digest == digest, links.c.expires_at > at)
    return (await connection.execute(found)).first() is not None


async def use_link(connection: AsyncConnection, digest: bytes, at: datetime) -> bool:
    """Takes a code away for good: true for exactly one of those who try, in all processes together."""
    used = await connection.execute(sa.delete(links).where(links.c.digest == digest, links.c.expires_at > at))
    return used.rowcount == 1
