"""Organisations: who owns what, apart from each other."""

from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.people import (
    OrganisationCreate,
    OrganisationPage,
    OrganisationPatch,
    OrganisationShape,
    organisation_of,
    organisation_page,
)
from modelhall.services.organisations.create_organisation import create_organisation
from modelhall.services.organisations.list_organisations import list_organisations, show_organisation
from modelhall.services.organisations.rename_organisation import rename_organisation

router = APIRouter(tags=["organisations"], route_class=OnceRoute)


@router.get("/organisations", summary="List your organisations", **policy("viewer", objects="own; the operator's all"))
async def listed(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> OrganisationPage:
    """Those that you are a member of, the oldest first."""
    return organisation_page(await list_organisations(house, actor, after=after, limit=limit))


@router.post(
    "/organisations",
    summary="Create an organisation",
    status_code=201,
    **policy("admin", objects="the whole house; admins of its first organisation", audit="organisation.create"),
)
async def created(house: Here, actor: Acting, body: OrganisationCreate) -> OrganisationShape:
    """Who makes it is its first admin."""
    return organisation_of(await create_organisation(house, actor, body.id, body.name))


@router.get("/organisation", summary="Show your organisation", **policy("viewer"))
async def shown(house: Here, actor: Acting) -> OrganisationShape:
    """The one that this identity acts in."""
    return organisation_of(await show_organisation(house, actor))


@router.patch("/organisation", summary="Rename your organisation", **policy("admin", audit="organisation.rename"))
async def renamed(house: Here, actor: Acting, body: OrganisationPatch) -> OrganisationShape:
    """Its id stays."""
    return organisation_of(await rename_organisation(house, actor, body.name))
