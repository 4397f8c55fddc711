"""Takes out of every table what says who a person is; ids stay, for the ledger's and the audit's sake."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.rows import must_hit_one, now
from modelhall.storage.tables.money import prices
from modelhall.storage.tables.people import accounts, invitations, links, members, sessions
from modelhall.storage.tables.system import conversations, idempotency, messages, settings

ERASED = "erased"
"""Instead of who entered a price."""


async def erase_account(connection: AsyncConnection, account_id: str, login: str) -> None:
    """Forget login, name, e-mail address, password, sessions, own settings and conversations. Raises NotFound."""
    places = sa.select(members.c.id).where(members.c.account_id == account_id)
    theirs = sa.select(conversations.c.id).where(conversations.c.member_id.in_(places))
    await connection.execute(sa.delete(messages).where(messages.c.conversation_id.in_(theirs)))
    for table in (sessions, links, settings, idempotency, conversations):
        await connection.execute(sa.delete(table).where(table.c.member_id.in_(places)))
    await connection.execute(sa.delete(invitations).where(invitations.c.login == login))
    there = sa.select(members.c.organisation_id).where(members.c.account_id == account_id)
    theirs = prices.c.organisation_id.in_(there) & (prices.c.entered_by == login.partition("@")[0])
    await connection.execute(sa.update(prices).where(theirs).values(entered_by=ERASED))
    nobody = {"login": f"erased:{account_id}", "name": "", "email": None, "password_hash": None, "signed_in_at": None}
    change = sa.update(accounts).where(accounts.c.id == account_id).values(**nobody, disabled_at=now())
    await must_hit_one(connection, change, "account")
