"""Shows one alias."""

from modelhall.domain.people import Actor, Role
from modelhall.services.aliases.alias_view import AliasView, alias_views
from modelhall.services.aliases.find_alias import find_alias
from modelhall.services.house import House
from modelhall.services.rights import require


async def show_alias(house: House, actor: Actor, name: str) -> AliasView:
    """The alias of that name. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        alias = await find_alias(connection, actor.organisation_id, name)
        (view,) = await alias_views(house, connection, actor.organisation_id, [alias])
        return view
