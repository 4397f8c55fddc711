"""Lists who changed what."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import number_cursor
from modelhall.storage import audit
from modelhall.storage.audit import AuditRow


async def list_audit(
    house: House,
    actor: Actor,
    *,
    kind: str | None = None,
    object_id: str | None = None,
    after: str | None = None,
    limit: int = USUAL,
) -> Page[AuditRow]:
    """A page of the organisation's audit, the newest first; of one object if asked. Raises RoleTooLow, BadRequest."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        found = await audit.list_audit(
            connection,
            actor.organisation_id,
            before_sequence=number_cursor(after),
            object_kind=kind,
            object_id=object_id,
            limit=limit + 1,
        )
    return page_of(found, limit, lambda row: str(row.sequence))
