"""Shows one key."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.keys.find_key import find_key
from modelhall.services.keys.key_view import KeyView, key_views
from modelhall.services.rights import require


async def show_key(house: House, actor: Actor, name: str) -> KeyView:
    """The key of that id or name. Raises RoleTooLow, NotFound."""
    require(actor, Role.MEMBER)
    async with house.database.read() as connection:
        (view,) = await key_views(connection, [await find_key(connection, actor, name)])
        return view
