"""Gives a member another role."""

from dataclasses import replace

from modelhall.domain.errors import BadRequest, Conflict
from modelhall.domain.people import Actor, Member, Role
from modelhall.services.house import House
from modelhall.services.members.find_member import find_member
from modelhall.services.members.keep_an_admin import keep_an_admin
from modelhall.services.rights import require
from modelhall.storage import members, sessions


async def change_role(house: House, actor: Actor, name: str, word: str) -> Member:
    """The member as they are then. They sign in again; their keys do no more than they may themselves.

    Raises RoleTooLow, NotFound, BadRequest, Conflict for the operator's account, LastAdmin.
    """
    require(actor, Role.ADMIN)
    role = role_named(word)
    async with house.database.change(actor) as change:
        old = await find_member(change.connection, actor, name)
        if old.role is role:
            change.nothing()
            return old
        if old.account_id == house.operator.account_id:
            raise Conflict("this is the operator's own account; it stays an admin")
        if role < Role.ADMIN:
            await keep_an_admin(change.connection, old)
        new = replace(old, role=role)
        await members.update_member(change.connection, new)
        await sessions.end_sessions_of(change.connection, new.id)
        before, after = {"role": old.role.word}, {"role": role.word}
        await change.audit("member.role", "member", new.id, new.id, before=before, after=after)
    return new


def role_named(word: str) -> Role:
    """The role of that word. Raises BadRequest."""
    try:
        return Role.named(word)
    except ValueError as error:
        raise BadRequest(str(error)) from None
