"""Has a profile or model stand on just this evidence, in the place of all that was entered there before."""

from modelhall.domain.people import Actor, Role
from modelhall.domain.privacy import Facts
from modelhall.services.evidence.holder import find_holder
from modelhall.services.evidence.write_facts import write_facts
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.words import wrong


async def put_evidence(house: House, actor: Actor, name: str, facts: Facts) -> None:
    """Evidence whose time is over may be among it: it counts for nothing. Raises RoleTooLow, NotFound, BadRequest."""
    require(actor, Role.ADMIN)
    today = house.clock().date()
    for fact, evidence in facts.items():
        if evidence.dated is not None and evidence.dated > today:
            raise wrong(f"evidence.{fact}.dated", "the evidence is of a day to come; say from when it is")
    async with house.database.change(actor) as change:
        holder = await find_holder(house, change.connection, actor.organisation_id, name)
        if facts == holder.facts:
            change.nothing()
            return
        await write_facts(house, change, holder, facts)
