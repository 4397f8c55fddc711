"""Finds as whom a call counts that the house makes or explains for somebody."""

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor
from modelhall.gateway.call import Caller
from modelhall.services.house import House
from modelhall.services.keys.find_key import find_key


async def caller_for(house: House, actor: Actor, key: str | None = None) -> Caller:
    """The key that was named or that asks, else the actor in his own name: no budget, every active model."""
    key_id = actor.key_id
    if key is not None and not actor.plain:
        async with house.database.read() as connection:
            key_id = (await find_key(connection, actor, key)).id
    snapshot = house.lookout.current()
    if key_id is None:
        return snapshot.caller_without_key(actor)
    for caller in snapshot.callers.values():
        if caller.key_id == key_id:
            return caller
    raise NotFound("no such key")
