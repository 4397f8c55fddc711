"""Shows what providers list, and how old their lists are."""

from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.services.library.query import Wish
from modelhall.services.library.search import SearchPage, search
from modelhall.services.models.list_state import ListState
from modelhall.services.models.list_states import show_list_states
from modelhall.services.pages import USUAL
from modelhall.services.profiles.find_profile import find_profile


async def search_listed(
    house: House, actor: Actor, *, profile: str | None = None, after: str | None = None, limit: int = USUAL
) -> tuple[SearchPage, list[ListState]]:
    """A page of the models of one profile's list or of all, by name, and the lists. Raises RoleTooLow, NotFound."""
    states = await show_list_states(house, actor)
    values = {"status": ["listed"]}
    if profile is not None:
        async with house.database.read() as connection:
            await find_profile(connection, actor.organisation_id, profile)
        states = [state for state in states if state.profile == profile]
        values["profile"] = [profile]
    page = await search(house, actor, Wish(values=values, after=after, limit=limit, facets=False))
    return page, states
