"""Finds an open invitation of the actor's organisation."""

from modelhall.domain.errors import NotFound
from modelhall.domain.ids import is_id
from modelhall.domain.people import Actor
from modelhall.services.connection import Connection
from modelhall.storage import invitations
from modelhall.storage.invitations import Invitation


async def find_invitation(connection: Connection, actor: Actor, invitation_id: str) -> Invitation:
    """The one of that id. Raises NotFound."""
    found = await invitations.get_invitation(connection, invitation_id) if is_id(invitation_id) else None
    if found is None or found.organisation_id != actor.organisation_id:
        raise NotFound(f"there is no open invitation {invitation_id[:80]!r}")
    return found
