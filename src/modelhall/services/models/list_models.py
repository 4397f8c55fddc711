"""Lists the models of the library."""

from dataclasses import dataclass

from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.find_collection import find_collection
from modelhall.services.models.model_view import ModelView, model_views
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.rights import require
from modelhall.services.words import number_cursor
from modelhall.storage import models, tags
from modelhall.storage.models import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which models; `None` = whatever."""

    profile: str | None = None
    active: bool | None = None
    text: str | None = None
    hidden: bool | None = None
    category: str | None = None
    tag: str | None = None
    collection: str | None = None


async def list_models(
    house: House, actor: Actor, filters: Filters, *, after: str | None = None, limit: int = USUAL
) -> Page[ModelView]:
    """A page of living models in the order in which they came. Raises RoleTooLow, BadRequest, NotFound.

    Profile and collection must be there.
    """
    require(actor, Role.VIEWER)
    organisation = actor.organisation_id
    async with house.database.read() as connection:
        profile = None
        if filters.profile is not None:
            profile = (await find_profile(connection, organisation, filters.profile)).id
        wanted = Wanted(
            profile_id=profile,
            active=filters.active,
            text=filters.text,
            hidden=filters.hidden,
            category=filters.category,
            ids=await _ids(connection, organisation, filters),
        )
        found = await models.list_models(
            connection, organisation, wanted=wanted, after=number_cursor(after), limit=limit + 1
        )
        page = page_of(found, limit, lambda model: str(model.number))
        return Page(await model_views(house, connection, organisation, page.items), page.next)


async def _ids(connection: Connection, organisation_id: str, filters: Filters) -> set[str] | None:
    """The models that tag and collection leave; `None`: all."""
    found: set[str] | None = None
    if filters.tag is not None:
        found = set(await tags.models_of_tag(connection, organisation_id, filters.tag))
    if filters.collection is not None:
        held = set((await find_collection(connection, organisation_id, filters.collection)).model_ids)
        found = held if found is None else found & held
    return found
