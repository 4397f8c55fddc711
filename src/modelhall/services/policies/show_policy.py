"""Shows a policy: what is demanded there, what holds there in all, and whose each rule is."""

from dataclasses import dataclass

from modelhall.domain.people import Actor
from modelhall.domain.policies import Policy, Rule
from modelhall.services.house import House
from modelhall.services.policies.scope import Found, Scope, find_scope, together


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy of one organisation, project or key."""

    whose: str
    own: Policy
    effective: Policy
    """What holds: its own and all above it."""
    parents: tuple[tuple[str, Policy], ...]
    outdone: tuple[Rule, ...]
    """Rules of its own that mean less than what was demanded above since."""


async def show_policy(house: House, actor: Actor, scope: Scope) -> PolicyView:
    """The policy there. Raises RoleTooLow, NotFound."""
    async with house.database.read() as connection:
        return view_of(await find_scope(connection, actor, scope))


def view_of(found: Found) -> PolicyView:
    """The policy as it is told."""
    own, above = found.owner.policy, together(found.parents)
    return PolicyView(found.whose, own, own.meet(above), found.parents, own.wider_than(above))
