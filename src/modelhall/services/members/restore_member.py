"""Brings back a member who was removed."""

from dataclasses import replace

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Member, Role
from modelhall.services.accounts.account_words import RESERVED
from modelhall.services.house import House
from modelhall.services.members.find_member import find_member
from modelhall.services.rights import require
from modelhall.storage import members


async def restore_member(house: House, actor: Actor, member_id: str) -> Member:
    """The member with the role they had, without keys. Raises RoleTooLow, NotFound for who is there or was erased."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        member = await find_member(change.connection, actor, member_id, removed=True)
        if member.removed_at is None or member.login.startswith(RESERVED):
            raise NotFound(f"there is no removed member {member_id[:80]!r}; they are listed with their ids")
        await members.restore_member(change.connection, member.id)
        await change.audit("member.restore", "member", member.id, member.id, after={"role": member.role.word})
    return replace(member, removed_at=None)
