"""What became of providers' lists: models that are new, changed or gone."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import known_lists
from modelhall.storage.known_lists import Kind, ListChange


async def show_list_changes(
    house: House,
    actor: Actor,
    *,
    profile: str | None = None,
    kind: Kind | None = None,
    before: str | None = None,
    limit: int = USUAL,
) -> Page[ListChange]:
    """A page, the newest first. Raises RoleTooLow, NotFound (profile), BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        profile_id = None if profile is None else (await find_profile(connection, actor.organisation_id, profile)).id
        found = await known_lists.read_changes(
            connection,
            actor.organisation_id,
            profile_id=profile_id,
            kind=kind,
            before=id_cursor(before),
            limit=limit + 1,
        )
    return page_of(found, limit, lambda change: change.id)
