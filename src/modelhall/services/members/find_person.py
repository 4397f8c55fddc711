"""Finds the person behind a member whom an admin may deal with as a whole."""

from modelhall.domain.errors import Conflict
from modelhall.domain.people import Actor, Member
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.members.find_member import find_member
from modelhall.services.members.keep_an_admin import keep_an_admin
from modelhall.storage import members


async def find_person(house: House, connection: Connection, actor: Actor, name: str, *, ends: bool) -> Member:
    """The member of that id or login, whose account may be changed as a whole; `ends`: so that they cannot sign in.

    Raises NotFound; Conflict for the operator's account and for who is in other organisations too, unless the
    operator asks; LastAdmin.
    """
    member = await find_member(connection, actor, name, removed=True)
    if member.account_id == house.operator.account_id:
        raise Conflict("this is the operator's own account; it stays as it is")
    places = await members.members_of_account(connection, member.account_id)
    if actor.via != "operator" and any(each.organisation_id != actor.organisation_id for each in places):
        raise Conflict(
            "this person is in other organisations too; remove them from yours, or ask the operator of the server"
        )
    if ends:
        for each in places:
            await keep_an_admin(connection, each)
    return member
