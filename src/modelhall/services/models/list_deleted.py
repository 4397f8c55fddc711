"""Lists the models that were deleted and can come back."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import number_cursor
from modelhall.storage import models
from modelhall.storage.models import Gone


async def list_deleted(house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL) -> Page[Gone]:
    """A page of deleted models, those that came last first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await models.deleted_models(
            connection, actor.organisation_id, before=number_cursor(after), limit=limit + 1
        )
    return page_of(found, limit, lambda gone: str(gone.model.number))
