"""Says of every active model whether the policies above a caller allow it, and on what each rule stands."""

from modelhall.domain.people import Actor, Role
from modelhall.gateway.demands import Demands
from modelhall.gateway.explain import Judged
from modelhall.services.calls.caller_for import caller_for
from modelhall.services.house import House
from modelhall.services.rights import require


async def check_policy(house: House, actor: Actor, key: str | None = None) -> list[Judged]:
    """By name; as the actor would call, or as the key of that id or name. Raises RoleTooLow, NotFound, NotReady."""
    require(actor, Role.VIEWER)
    caller = await caller_for(house, actor, key)
    library = house.lookout.current().libraries.get(actor.organisation_id)
    targets = library.targets.values() if library else ()
    demands = (library.demands_of(caller) if library else None) or Demands(())
    judged = [Judged(each.model.public_name, demands.verdict(each)) for each in targets if each.model.active]
    return sorted(judged, key=lambda each: each.model)
