"""Deletes a key: it stops working at once."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.keys.create_key import told
from modelhall.services.keys.find_key import find_key
from modelhall.services.keys.key_view import key_views
from modelhall.services.rights import require
from modelhall.storage import keys


async def delete_key(house: House, actor: Actor, name: str) -> None:
    """Delete the key of that id or name; what it used stays in the ledger. Raises RoleTooLow, NotFound."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        key = await find_key(change.connection, actor, name)
        (view,) = await key_views(change.connection, [key])
        await keys.delete_key(change.connection, key.id)
        await change.audit("key.delete", "key", key.id, key.name, before=told(view))
