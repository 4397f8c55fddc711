"""Members: accounts, which are persons, and their places in organisations."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.people import Member, Role
from modelhall.storage.rows import PAGE, Row, after_id, must_hit_one, now
from modelhall.storage.tables.people import accounts, members

MEMBERS = sa.select(
    members.c.id,
    members.c.organisation_id,
    members.c.account_id,
    accounts.c.login,
    accounts.c.name,
    members.c.role,
    members.c.default_model_id,
    members.c.removed_at,
    accounts.c.disabled_at,
    accounts.c.signed_in_at,
).join_from(members, accounts)


ACTING = members.c.removed_at.is_(None) & accounts.c.disabled_at.is_(None)
"""Of a row of MEMBERS: neither removed nor disabled."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in."""

    id: str
    login: str
    name: str
    email: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    disabled: bool = False
    signed_in_at: datetime | None = None


async def insert_account(
    connection: AsyncConnection, *, login: str, name: str, email: str | None = None, password_hash: str | None = None
) -> Account:
    """A new person. The transaction's end raises AlreadyExists when the login is taken."""
    account = Account(new_id(), login, name, email, password_hash)
    values = {"id": account.id, "login": login, "name": name, "email": email, "password_hash": password_hash}
    await connection.execute(accounts.insert().values(**values, created_at=now()))
    return account


async def account_by_login(connection: AsyncConnection, login: str) -> Account | None:
    """The person who signs in by that name."""
    row = (await connection.execute(sa.select(accounts).where(accounts.c.login == login))).one_or_none()
    return None if row is None else _account_of(row)


async def get_account(connection: AsyncConnection, account_id: str) -> Account | None:
    """The person of that id."""
    row = (await connection.execute(sa.select(accounts).where(accounts.c.id == account_id))).one_or_none()
    return None if row is None else _account_of(row)


async def update_account(connection: AsyncConnection, account: Account) -> None:
    """Write name, email, password and whether the person may sign in. Raises NotFound."""
    values = {"name": account.name, "email": account.email, "password_hash": account.password_hash}
    change = sa.update(accounts).where(accounts.c.id == account.id)
    await must_hit_one(connection, change.values(**values, disabled_at=now() if account.disabled else None), "account")


async def insert_member(connection: AsyncConnection, *, organisation_id: str, account: Account, role: Role) -> Member:
    """The person's place in the organisation; one who left gets the old place again, with this role.

    The transaction's end raises AlreadyExists for a person who is a member already.
    """
    member = Member(new_id(), organisation_id, account.id, account.login, account.name, role, None)
    theirs = (members.c.organisation_id == organisation_id) & (members.c.account_id == account.id)
    back = sa.update(members).where(theirs, members.c.removed_at.is_not(None)).values(removed_at=None, role=role.word)
    returned = (await connection.execute(back.returning(members.c.id))).scalar_one_or_none()
    if returned is not None:
        return replace(member, id=returned)
    values = {"id": member.id, "organisation_id": organisation_id, "account_id": account.id, "role": role.word}
    await connection.execute(members.insert().values(**values, created_at=now()))
    return member


async def get_member(connection: AsyncConnection, member_id: str) -> Member | None:
    """The member of that id, also one who left."""
    return await _one(connection, members.c.id == member_id)


async def member_by_login(connection: AsyncConnection, organisation_id: str, login: str) -> Member | None:
    """The living member of the organisation who signs in by that name."""
    theirs = (members.c.organisation_id == organisation_id) & (accounts.c.login == login)
    return await _one(connection, theirs & members.c.removed_at.is_(None))


async def list_members(
    connection: AsyncConnection,
    organisation_id: str,
    *,
    removed: bool = False,
    after: str | None = None,
    limit: int = PAGE,
) -> Sequence[Member]:
    """A page of the organisation's living members, or of those who left, the oldest first."""
    there = members.c.removed_at.is_not(None) if removed else members.c.removed_at.is_(None)
    theirs = MEMBERS.where(members.c.organisation_id == organisation_id, there)
    return [member_of(row) for row in await connection.execute(after_id(theirs, members.c.id, after, limit))]


async def members_of_account(connection: AsyncConnection, account_id: str) -> Sequence[Member]:
    """The person's living places, the oldest first."""
    theirs = MEMBERS.where(members.c.account_id == account_id, members.c.removed_at.is_(None))
    return [member_of(row) for row in await connection.execute(theirs.order_by(members.c.id))]


async def count_admins(connection: AsyncConnection, organisation_id: str) -> int:
    """How many admins the organisation has who may sign in."""
    theirs = (members.c.organisation_id == organisation_id) & (members.c.role == Role.ADMIN.word)
    query = sa.select(sa.func.count()).select_from(members.join(accounts)).where(theirs, ACTING)
    return (await connection.execute(query)).scalar_one()


async def is_claimed(connection: AsyncConnection) -> bool:
    """Whether some admin has a password or has signed in."""
    known = accounts.c.password_hash.is_not(None) | accounts.c.signed_in_at.is_not(None)
    query = sa.select(members.c.id).join_from(members, accounts)
    found = await connection.execute(query.where(members.c.role == Role.ADMIN.word, known, ACTING).limit(1))
    return found.first() is not None


async def update_member(connection: AsyncConnection, member: Member) -> None:
    """Write role and default model. Raises NotFound for one who left."""
    change = sa.update(members).where(members.c.id == member.id, members.c.removed_at.is_(None))
    values = {"role": member.role.word, "default_model_id": member.default_model_id}
    await must_hit_one(connection, change.values(values), "member")


async def set_password(connection: AsyncConnection, account_id: str, password_hash: str) -> None:
    """Write the hash of the person's password. Raises NotFound."""
    change = sa.update(accounts).where(accounts.c.id == account_id)
    await must_hit_one(connection, change.values(password_hash=password_hash), "account")


async def set_disabled(connection: AsyncConnection, account_id: str, at: datetime | None) -> None:
    """Switch the person's account off since then, or on again. Raises NotFound."""
    change = sa.update(accounts).where(accounts.c.id == account_id)
    await must_hit_one(connection, change.values(disabled_at=at), "account")


async def note_sign_in(connection: AsyncConnection, account_id: str, at: datetime) -> None:
    """Write down when the person signed in."""
    await connection.execute(sa.update(accounts).where(accounts.c.id == account_id).values(signed_in_at=at))


async def restore_member(connection: AsyncConnection, member_id: str) -> None:
    """Bring back a member who left. Raises NotFound for one who did not."""
    change = sa.update(members).where(members.c.id == member_id, members.c.removed_at.is_not(None))
    await must_hit_one(connection, change.values(removed_at=None), "removed member")


async def remove_member(connection: AsyncConnection, member_id: str) -> None:
    """Take the member out of the organisation; the row stays for the ledger's sake. Raises NotFound."""
    change = sa.update(members).where(members.c.id == member_id, members.c.removed_at.is_(None))
    await must_hit_one(connection, change.values(removed_at=now()), "member")


def member_of(row: Row) -> Member:
    """From a row of MEMBERS."""
    return Member(
        id=row.id,
        organisation_id=row.organisation_id,
        account_id=row.account_id,
        login=row.login,
        name=row.name,
        role=Role.named(row.role),
        default_model_id=row.default_model_id,
        removed_at=row.removed_at,
        disabled=row.disabled_at is not None,
        signed_in_at=row.signed_in_at,
    )


def _account_of(row: Row) -> Account:
    return Account(
        row.id, row.login, row.name, row.email, row.password_hash, row.disabled_at is not None, row.signed_in_at
    )


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Member | None:
    row = (await connection.execute(MEMBERS.where(condition))).one_or_none()
    return None if row is None else member_of(row)
