"""Forgets who a person is; what they used stays in the ledger under an id that leads nowhere."""

from modelhall.domain.people import Actor, Role
from modelhall.services.accounts.guesses import forgive_login
from modelhall.services.house import House
from modelhall.services.members.find_person import find_person
from modelhall.services.rights import require
from modelhall.storage import keys, members
from modelhall.storage.erasure import erase_account


async def erase_person(house: House, actor: Actor, name: str) -> None:
    """Removes them everywhere with their keys, and what says who they are. Nothing brings it back.

    Raises RoleTooLow, NotFound, Conflict, LastAdmin.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        connection = change.connection
        member = await find_person(house, connection, actor, name, ends=True)
        for place in await members.members_of_account(connection, member.account_id):
            await keys.delete_keys_of(connection, place.id)
            await members.remove_member(connection, place.id)
        await erase_account(connection, member.account_id, member.login)
        await forgive_login(connection, member.login)
        await change.audit("account.erase", "account", member.account_id, member.account_id)
