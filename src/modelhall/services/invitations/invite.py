"""Invites somebody into the organisation."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from modelhall.domain.errors import AlreadyExists
from modelhall.domain.people import Actor, Role
from modelhall.services import links
from modelhall.services.accounts.account_words import login_of
from modelhall.services.house import House
from modelhall.services.invitations.find_invitation import find_invitation
from modelhall.services.members.change_role import role_named
from modelhall.services.rights import require
from modelhall.storage import invitations, members
from modelhall.storage.invitations import Invitation

LIVES = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its code, which is told now and never again."""

    invitation: Invitation
    code: str = field(repr=False)


async def invite(house: House, actor: Actor, login: str, role: str) -> Invited:
    """An invitation that is good for a week; one that was open for the same login ends.

    Raises RoleTooLow, BadRequest, AlreadyExists for a member.
    """
    require(actor, Role.ADMIN)
    login, wanted, code = login_of(login), role_named(role), links.new_code()
    async with house.database.change(actor) as change:
        if await members.member_by_login(change.connection, actor.organisation_id, login) is not None:
            raise AlreadyExists(f"{login} is a member already; `modelhall member role` changes what they may do")
        made = await invitations.insert_invitation(
            change.connection,
            organisation_id=actor.organisation_id,
            login=login,
            role=wanted,
            digest=links.digest_of(code),
            invited_by=actor.member_id,
            expires_at=house.clock() + LIVES,
        )
        await change.audit("invitation.create", "invitation", made.id, made.id, after={"role": wanted.word})
    return Invited(made, code)


async def renew_invitation(house: House, actor: Actor, invitation_id: str) -> Invited:
    """The invitation with a new code and a new week; the code before is good no more. Raises RoleTooLow, NotFound."""
    require(actor, Role.ADMIN)
    code, until = links.new_code(), house.clock() + LIVES
    async with house.database.change(actor) as change:
        found = await find_invitation(change.connection, actor, invitation_id)
        digest = links.digest_of(code)
        await invitations.renew_invitation(change.connection, found.id, digest=digest, expires_at=until)
        await change.audit("invitation.renew", "invitation", found.id, found.id, after={"until": until})
    return Invited(replace(found, expires_at=until, digest=digest), code)


async def withdraw_invitation(house: House, actor: Actor, invitation_id: str) -> None:
    """The invitation is good no more. Raises RoleTooLow, NotFound."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        found = await find_invitation(change.connection, actor, invitation_id)
        await invitations.end_invitation(change.connection, found.id)
        await change.audit("invitation.withdraw", "invitation", found.id, found.id)
