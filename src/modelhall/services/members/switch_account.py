"""Switches a person's account off and on again."""

from modelhall.domain.people import Actor, Member, Role
from modelhall.services.house import House
from modelhall.services.members.find_person import find_person
from modelhall.services.rights import require
from modelhall.storage import members, sessions


async def switch_account(house: House, actor: Actor, name: str, *, off: bool) -> Member:
    """The member as they are then. Off: signed out everywhere, their keys are refused and their calls end.

    Raises RoleTooLow, NotFound, Conflict, LastAdmin.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        connection = change.connection
        member = await find_person(house, connection, actor, name, ends=off)
        if member.disabled == off:
            change.nothing()
            return member
        await members.set_disabled(connection, member.account_id, house.clock() if off else None)
        if off:
            await sessions.end_sessions_of_account(connection, member.account_id)
        verb = "disable" if off else "enable"
        await change.audit(f"account.{verb}", "account", member.account_id, member.account_id)
        return await members.get_member(connection, member.id) or member
