"""Takes the evidence for a fact of a profile or model back; what the layers below it say counts again."""

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Role
from modelhall.domain.privacy import Evidence, Fact
from modelhall.services.evidence.holder import find_holder
from modelhall.services.evidence.show_evidence import EvidenceView, view_of
from modelhall.services.evidence.write_facts import write_facts
from modelhall.services.house import House
from modelhall.services.rights import require


async def withdraw_evidence(house: House, actor: Actor, name: str, fact: Fact) -> EvidenceView:
    """What is known then. Raises RoleTooLow, NotFound where nothing was entered there."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        holder = await find_holder(house, change.connection, actor.organisation_id, name)
        if fact not in holder.facts:
            raise NotFound(f"nobody entered evidence for {fact} of {holder.name}; `modelhall evidence show` lists it")
        left: dict[Fact, Evidence] = {each: known for each, known in holder.facts.items() if each != fact}
        holder = await write_facts(house, change, holder, left)
    return view_of(holder, house.clock())
