"""Finds a key that the actor may see."""

from modelhall.domain.errors import NotFound
from modelhall.domain.ids import is_id
from modelhall.domain.people import Actor, Key, Role
from modelhall.services.connection import Connection
from modelhall.storage import keys


async def find_key(connection: Connection, actor: Actor, name: str) -> Key:
    """The living key of that id or name: an admin's all, a member's own. Raises NotFound for every other."""
    if is_id(name):
        key = await keys.get_key(connection, name)
    else:
        key = await keys.key_by_name(connection, actor.organisation_id, name)
    foreign = key is None or key.organisation_id != actor.organisation_id
    if key is None or foreign or (actor.role < Role.ADMIN and key.member_id != actor.member_id):
        raise NotFound(f"there is no key {name[:80]!r}")
    return key
