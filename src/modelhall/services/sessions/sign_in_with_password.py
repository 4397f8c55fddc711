"""Signs in with login and password; tells nobody which of the two was wrong, nor whether the login exists."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from modelhall.domain.errors import WrongPassword
from modelhall.domain.people import Member
from modelhall.services.accounts.account_words import folded, normal
from modelhall.services.accounts.guesses import guess, guessed_right
from modelhall.services.house import House
from modelhall.services.sessions.open_session import OpenedSession, acting_as, begin_session
from modelhall.storage import members, organisations
from modelhall.storage.members import Account

WRONG = "the login or the password is wrong"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person typed, and from where."""

    login: str
    password: str = field(repr=False)
    organisation: str | None = None
    """Its id, for who is in several; without it the one they were in first."""
    address: str | None = None
    user_agent: str | None = None


async def sign_in_with_password(house: House, typed: Credentials, *, before: str | None = None) -> OpenedSession:
    """A session of that person. Raises WrongPassword, TooManyGuesses, Overloaded."""
    login, password = folded(typed.login), normal(typed.password)
    await guess(house, login, typed.address)
    async with house.database.read() as connection:
        account = await members.account_by_login(connection, login)
        places = () if account is None else await members.members_of_account(connection, account.id)
    matches = await house.passwords.matches(account.password_hash if account else None, password)
    member = await _place(house, places, typed.organisation)
    if account is None or member is None or not matches or account.disabled:
        raise WrongPassword(WRONG)
    kept = await _renewed(house, account, password)
    async with house.database.change(acting_as(member, "password")) as change:
        now = await members.get_account(change.connection, account.id)
        if now is None or now.disabled or now.password_hash != account.password_hash:  # while we compared
            raise WrongPassword(WRONG)
        if kept is not None:
            await members.set_password(change.connection, account.id, kept)
        await guessed_right(change.connection, login, typed.address)
        return await begin_session(house, change, member, typed.user_agent, before=before)


async def _place(house: House, places: Sequence[Member], organisation: str | None) -> Member | None:
    if organisation is None:
        return next(iter(places), None)
    async with house.database.read() as connection:
        found = await organisations.organisation_by_slug(connection, organisation)
    return next((each for each in places if found is not None and each.organisation_id == found.id), None)


async def _renewed(house: House, account: Account, password: str) -> str | None:
    """A hash by today's parameters, when the one that is kept has others."""
    if account.password_hash is None or not house.passwords.is_dated(account.password_hash):
        return None
    return await house.passwords.hash(password)
