"""Says who is asking."""

from dataclasses import dataclass

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Member, Organisation, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import members, organisations


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """The member and the organisation an actor acts in."""

    member: Member
    organisation: Organisation
    role: Role
    """What the actor may do here; of a key its own role."""
    via: str


async def who_am_i(house: House, actor: Actor) -> WhoAmI:
    """Who is asking. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        member = await members.get_member(connection, actor.member_id)
        organisation = await organisations.get_organisation(connection, actor.organisation_id)
    if member is None or organisation is None:
        raise NotFound("there is no such member any more")
    return WhoAmI(member, organisation, actor.role, actor.via)
