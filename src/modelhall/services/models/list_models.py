"""Lists the models of the library."""

from dataclasses import dataclass

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.model_view import ModelView, model_views
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.rights import require
from modelhall.services.words import number_cursor
from modelhall.storage import models
from modelhall.storage.models import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which models; `None` = whatever."""

    profile: str | None = None
    active: bool | None = None
    text: str | None = None


async def list_models(
    house: House, actor: Actor, filters: Filters, *, after: str | None = None, limit: int = USUAL
) -> Page[ModelView]:
    """A page of living models in the order in which they came. Raises RoleTooLow, NotFound (profile), BadRequest."""
    require(actor, Role.VIEWER)
    organisation = actor.organisation_id
    async with house.database.read() as connection:
        profile = None
        if filters.profile is not None:
            profile = (await find_profile(connection, organisation, filters.profile)).id
        wanted = Wanted(profile_id=profile, active=filters.active, text=filters.text)
        found = await models.list_models(
            connection, organisation, wanted=wanted, after=number_cursor(after), limit=limit + 1
        )
        page = page_of(found, limit, lambda model: str(model.number))
        return Page(await model_views(house, connection, organisation, page.items), page.next)
