"""Finds a member of the actor's organisation."""

from modelhall.domain.errors import NotFound
from modelhall.domain.ids import is_id
from modelhall.domain.people import Actor, Member
from modelhall.services.accounts.account_words import folded
from modelhall.services.connection import Connection
from modelhall.storage import members


async def find_member(connection: Connection, actor: Actor, name: str, *, removed: bool = False) -> Member:
    """The member of that id or login; `removed`: also one who left, by id. Raises NotFound."""
    if is_id(name):
        member = await members.get_member(connection, name)
    else:
        member = await members.member_by_login(connection, actor.organisation_id, folded(name))
    foreign = member is None or member.organisation_id != actor.organisation_id
    if member is None or foreign or (member.removed_at is not None and not removed):
        raise NotFound(f"there is no member {name[:80]!r}")
    return member
