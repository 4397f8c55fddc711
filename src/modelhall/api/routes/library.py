"""One search over the library, what providers list, and the catalog; and the lists themselves."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, Before, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.library import (
    DiscoveredPage,
    LibraryPage,
    LibraryQuery,
    ListChangePage,
    ListShape,
    change_page,
    discovered_page,
    library_page,
    list_of,
)
from modelhall.services.library.search import search
from modelhall.services.library.search_listed import search_listed
from modelhall.services.models.refresh_list import refresh_list
from modelhall.services.models.show_list_changes import show_list_changes

router = APIRouter(tags=["library"], route_class=OnceRoute)
Cursor = Annotated[str | None, Query(max_length=4000, description="`next` of the page before.")]
Word = Annotated[str | None, Query(max_length=255)]


@router.get("/library", summary="Search library and catalog", **policy("viewer"))
async def searched(house: Here, actor: Acting, asked: Annotated[LibraryQuery, Query()]) -> LibraryPage:
    """From memory: no provider is asked. What is not known comes last in every order."""
    return library_page(await search(house, actor, asked.wish()))


@router.get("/discovered", summary="Show providers' lists", **policy("viewer"))
async def discovered(
    house: Here, actor: Acting, profile: Word = None, after: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> DiscoveredPage:
    """What providers list, in the library or not, with the age of each list and why there is no newer one."""
    page, states = await search_listed(house, actor, profile=profile, after=after, limit=limit)
    return discovered_page(page, states)


@router.get("/discoveries/changes", summary="Show changes of providers' lists", **policy("viewer"))
async def changes(
    house: Here,
    actor: Acting,
    profile: Word = None,
    kind: Literal["new", "changed", "gone"] | None = None,
    before: Before = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ListChangePage:
    """Models that are new, changed or gone since the list before, the newest first. A first list changes nothing."""
    return change_page(await show_list_changes(house, actor, profile=profile, kind=kind, before=before, limit=limit))


@router.post("/profiles/{id}/discover", summary="Renew a provider's list", **policy("member"))
async def refreshed(house: Here, actor: Acting, id: str) -> ListShape:
    """Ask the provider now; if it fails, the answer says why beside what was known before."""
    return list_of(await refresh_list(house, actor, id))
