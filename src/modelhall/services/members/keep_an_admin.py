"""Keeps organisations from losing their last admin."""

from modelhall.domain.errors import LastAdmin
from modelhall.domain.people import Member, Role
from modelhall.services.connection import Connection
from modelhall.storage import members


async def keep_an_admin(connection: Connection, leaving: Member) -> None:
    """Raises LastAdmin when nobody else could change anything in the member's organisation."""
    acts = leaving.role is Role.ADMIN and leaving.removed_at is None and not leaving.disabled
    if acts and await members.count_admins(connection, leaving.organisation_id) < 2:
        raise LastAdmin("this is the organisation's last admin; make somebody else an admin first")
