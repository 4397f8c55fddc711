"""Members: accounts, which are persons, and their places in organisations."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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
).join_from(members, accounts)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in."""

    id: str
    login: str
    name: str
    email: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    disabled: bool = False


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
    connection: AsyncConnection, organisation_id: str, *, after: str | None = None, limit: int = PAGE
) -> Sequence[Member]:
    """A page of the organisation's living members, the oldest first."""
    living = MEMBERS.where(members.c.organisation_id == organisation_id, members.c.removed_at.is_(None))
    return [member_of(row) for row in await connection.execute(after_id(living, members.c.id, after, limit))]


async def update_member(connection: AsyncConnection, member: Member) -> None:
    """Write role and default model. Raises NotFound for one who left."""
    change = sa.update(members).where(members.c.id == member.id, members.c.removed_at.is_(None))
    values = {"role": member.role.word, "default_model_id": member.default_model_id}
    await must_hit_one(connection, change.values(values), "member")


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
    )


def _account_of(row: Row) -> Account:
    return Account(row.id, row.login, row.name, row.email, row.password_hash, row.disabled_at is not None)


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Member | None:
    row = (await connection.execute(MEMBERS.where(condition))).one_or_none()
    return None if row is None else member_of(row)
