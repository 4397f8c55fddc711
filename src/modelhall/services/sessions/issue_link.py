"""Makes a one-time sign-in link."""

from modelhall.domain.people import Actor
from modelhall.services import links
from modelhall.services.house import House
from modelhall.services.rights import require_operator


async def issue_link(house: House, actor: Actor) -> str:
    """A code that signs its bearer in once, within 15 minutes. Raises RoleTooLow."""
    require_operator(actor)
    async with house.database.change(actor) as change:
        await change.audit("link.issue", "link", actor.member_id, "sign-in link")
        return await links.issue(change.connection, house.clock())
