"""Takes a member out of the organisation, with their keys."""

from modelhall.domain.errors import Conflict
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.members.find_member import find_member
from modelhall.services.members.keep_an_admin import keep_an_admin
from modelhall.services.rights import require
from modelhall.storage import keys, members, sessions


async def remove_member(house: House, actor: Actor, name: str) -> None:
    """Their sessions here end and their keys are deleted; what they used stays in the ledger.

    Raises RoleTooLow, NotFound, Conflict for the operator's account, LastAdmin.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        connection = change.connection
        member = await find_member(connection, actor, name)
        if member.account_id == house.operator.account_id:
            raise Conflict("this is the operator's own account; it stays in every organisation")
        await keep_an_admin(connection, member)
        await members.remove_member(connection, member.id)
        await sessions.end_sessions_of(connection, member.id)
        ended = await keys.delete_keys_of(connection, member.id)
        before = {"role": member.role.word, "keys": ended}
        await change.audit("member.remove", "member", member.id, member.id, before=before)
