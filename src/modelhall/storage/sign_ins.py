"""Signing in by a provider: which account a person there means, and sign-ins under way, by digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.people import Member
from modelhall.storage.members import MEMBERS, member_of
from modelhall.storage.rows import must_hit_one, now
from modelhall.storage.tables.people import accounts, identities, members, sign_ins


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a provider knows them, and the account they have here."""

    issuer: str
    subject: str
    account_id: str
    login: str
    created_at: datetime


async def insert_sign_in(
    connection: AsyncConnection,
    digest: bytes,
    *,
    provider: str,
    next_path: str,
    at: datetime,
    expires_at: datetime,
    most: int,
) -> None:
    """Keeps a sign-in until then; what ran out by `at` goes, and of the others all but the `most` that last longest."""
    values = {"digest": digest, "provider": provider, "next": next_path, "expires_at": expires_at}
    await connection.execute(sign_ins.insert().values(values))
    longest = sa.select(sign_ins.c.digest).order_by(sign_ins.c.expires_at.desc()).limit(most)
    await connection.execute(
        sa.delete(sign_ins).where((sign_ins.c.expires_at <= at) | sign_ins.c.digest.not_in(longest))
    )


async def use_sign_in(connection: AsyncConnection, digest: bytes, provider: str, at: datetime) -> str | None:
    """Takes a sign-in away for good and gives its next path, to exactly one of those who ask; `None`: there is none."""
    theirs = (sign_ins.c.digest == digest) & (sign_ins.c.provider == provider) & (sign_ins.c.expires_at > at)
    used = await connection.execute(sa.delete(sign_ins).where(theirs).returning(sign_ins.c.next))
    return used.scalar_one_or_none()


async def insert_identity(connection: AsyncConnection, *, issuer: str, subject: str, account_id: str) -> None:
    """Have this person of a provider mean that account. AlreadyExists at the transaction's end if they mean another."""
    values = {"issuer": issuer, "subject": subject, "account_id": account_id, "created_at": now()}
    await connection.execute(identities.insert().values(values))


async def account_of(connection: AsyncConnection, issuer: str, subject: str) -> str | None:
    """The id of the account that this person of a provider means."""
    theirs = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    return (await connection.execute(sa.select(identities.c.account_id).where(theirs))).scalar_one_or_none()


async def list_identities(connection: AsyncConnection, issuer: str) -> Sequence[Identity]:
    """Everybody of that provider who has an account here, by login."""
    columns = (*identities.c, accounts.c.login)
    query = sa.select(*columns).join_from(identities, accounts).where(identities.c.issuer == issuer)
    rows = await connection.execute(query.order_by(accounts.c.login, identities.c.subject))
    return [Identity(row.issuer, row.subject, row.account_id, row.login, row.created_at) for row in rows]


async def delete_identity(connection: AsyncConnection, issuer: str, subject: str) -> None:
    """Have this person of a provider mean nobody. Raises NotFound."""
    theirs = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    await must_hit_one(connection, sa.delete(identities).where(theirs), "person of this provider")


async def place_of(connection: AsyncConnection, organisation_id: str, account_id: str) -> Member | None:
    """The account's place in the organisation, also one that was taken away."""
    theirs = (members.c.organisation_id == organisation_id) & (members.c.account_id == account_id)
    row = (await connection.execute(MEMBERS.where(theirs))).one_or_none()
    return None if row is None else member_of(row)
