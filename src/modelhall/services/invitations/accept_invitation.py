"""Accepts an invitation: a new person sets name and password, one who has an account shows that it is theirs."""

from dataclasses import dataclass, field

from modelhall.domain.errors import BadRequest, LinkSpent, WrongPassword
from modelhall.domain.people import Actor, Member, Role
from modelhall.services import links
from modelhall.services.accounts.account_words import new_password, normal
from modelhall.services.accounts.guesses import guess, guessed_right
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.sessions.open_session import OpenedSession, acting_as, begin_session
from modelhall.services.words import line
from modelhall.storage import invitations, members
from modelhall.storage.database import Change
from modelhall.storage.invitations import Invitation
from modelhall.storage.members import Account

SPENT = "this invitation was accepted, withdrawn or is too old; ask whoever invited you for a new one"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the invited person typed, and from where."""

    code: str = field(repr=False)
    password: str = field(repr=False)
    name: str | None = None
    address: str | None = None
    user_agent: str | None = None


async def accept_invitation(house: House, typed: Acceptance) -> OpenedSession:
    """A session of the new member. The password is a new one, or that of the account with the invitation's login.

    Raises LinkSpent, WeakPassword, WrongPassword, TooManyGuesses, BadRequest.
    """
    async with house.database.read() as connection:
        found = await _open(house, connection, typed.code)
        account = await members.account_by_login(connection, found.login)
    kept = None
    if account is None:
        kept = await house.passwords.hash(new_password(typed.password, found.login, typed.name or ""))
        name = line(typed.name or found.login, "name", 100)
    else:
        await _prove(house, account, typed)
        name = account.name
    actor = Actor(found.organisation_id, found.invited_by, Role.VIEWER, "invitation")
    async with house.database.change(actor) as change:
        member = await _join(house, change, typed.code, account, name, kept)
        change.actor = acting_as(member, "invitation")
        await change.audit("member.add", "member", member.id, member.id, after={"role": member.role.word})
        if kept is None:
            await guessed_right(change.connection, member.login, typed.address)
        return await begin_session(house, change, member, typed.user_agent)


async def join_organisation(house: House, actor: Actor, code: str) -> Member:
    """Who is signed in accepts an invitation of another organisation, for their own account.

    Raises RoleTooLow, BadRequest without a session, LinkSpent, AlreadyExists.
    """
    require(actor, Role.VIEWER)
    if actor.session_id is None or actor.account_id is None:
        raise BadRequest("only who is signed in can join an organisation")
    async with house.database.change(actor) as change:
        account = await members.get_account(change.connection, actor.account_id)
        found = await _open(house, change.connection, code)
        if account is None or account.login != found.login:
            raise LinkSpent("this invitation is for somebody else; sign in as the person who was invited")
        member = await _add(change, found, account)
        after, place = {"role": member.role.word}, member.organisation_id
        await change.audit("member.add", "member", member.id, member.id, after=after, organisation_id=place)
    return member


async def _prove(house: House, account: Account, typed: Acceptance) -> None:
    await guess(house, account.login, typed.address)
    matches = await house.passwords.matches(account.password_hash, normal(typed.password))
    if not matches or account.disabled:
        raise WrongPassword("there is an account with the invited login already, and this is not its password")


async def _join(house: House, change: Change, code: str, known: Account | None, name: str, kept: str | None) -> Member:
    found = await _open(house, change.connection, code)
    account = await members.account_by_login(change.connection, found.login)
    if account is None and kept is not None:
        mail = found.login if "@" in found.login else None
        account = await members.insert_account(
            change.connection, login=found.login, name=name, email=mail, password_hash=kept
        )
    elif account is None or account != known:
        raise WrongPassword("the account was changed in between; try again")
    return await _add(change, found, account)


async def _add(change: Change, found: Invitation, account: Account) -> Member:
    await invitations.end_invitation(change.connection, found.id)
    return await members.insert_member(
        change.connection, organisation_id=found.organisation_id, account=account, role=found.role
    )


async def _open(house: House, connection: Connection, code: str) -> Invitation:
    found = await invitations.invitation_by_digest(connection, links.digest_of(code), house.clock())
    if found is None:
        raise LinkSpent(SPENT)
    return found
