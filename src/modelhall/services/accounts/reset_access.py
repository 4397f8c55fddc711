"""Gives a person who cannot sign in a new way in; only the operator does it, on the machine itself."""

from dataclasses import dataclass, field

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor
from modelhall.services import links
from modelhall.services.accounts.account_words import folded, new_password
from modelhall.services.accounts.guesses import forgive_login
from modelhall.services.house import House
from modelhall.services.rights import require_operator
from modelhall.storage import members, sessions


@dataclass(frozen=True, slots=True)
class NewAccess:
    """How the person comes in now."""

    login: str
    link: str | None = field(repr=False)
    """The code of a one-time link; `None`: with the new password."""
    sessions_ended: int


async def reset_access(house: House, actor: Actor, login: str, password: str | None = None) -> NewAccess:
    """A new password, or without one a one-time link; the person is signed out everywhere, and enabled.

    Raises RoleTooLow, NotFound, WeakPassword.
    """
    require_operator(actor)
    kept = None
    if password is not None:
        kept = await house.passwords.hash(new_password(password, login))
    async with house.database.change(actor) as change:
        connection = change.connection
        account = await members.account_by_login(connection, folded(login))
        places = () if account is None else await members.members_of_account(connection, account.id)
        if account is None or not places:
            raise NotFound(f"nobody signs in as {login[:80]!r}; see `modelhall member list`")
        if kept is not None:
            await members.set_password(connection, account.id, kept)
        await members.set_disabled(connection, account.id, None)
        ended = await sessions.end_sessions_of_account(connection, account.id)
        await forgive_login(connection, account.login)
        link = None if kept is not None else await links.issue(connection, house.clock(), places[0].id)
        after = {"by": "link" if link else "password", "sessions_ended": ended}
        await change.audit("account.reset", "account", account.id, account.id, after=after)
    return NewAccess(account.login, link, ended)
