"""The provider keys of a profile: several, tried in their order."""

from fastapi import APIRouter, Response

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import IfMatch, tag
from modelhall.api.policy import policy
from modelhall.api.shapes.profile_keys import (
    ProfileKeyCreate,
    ProfileKeyPage,
    ProfileKeyShape,
    profile_key_of,
    profile_key_page,
)
from modelhall.services.profiles.accept_profile_key import accept_profile_key
from modelhall.services.profiles.add_profile_key import add_profile_key
from modelhall.services.profiles.list_profile_keys import list_profile_keys
from modelhall.services.profiles.remove_profile_key import remove_profile_key

router = APIRouter(tags=["profiles"], route_class=OnceRoute)


@router.get("/profiles/{id}/keys", summary="List a profile's keys", **policy("viewer"))
async def listed(house: Here, actor: Acting, response: Response, id: str) -> ProfileKeyPage:
    """In the order in which they are tried; the ETag is the profile's."""
    found = await list_profile_keys(house, actor, id)
    tag(response, found.profile.revision)
    return profile_key_page(found)


@router.post(
    "/profiles/{id}/keys",
    summary="Add a key to a profile",
    status_code=201,
    **policy("admin", audit="profile.add_key"),
)
async def added(
    house: Here, actor: Acting, response: Response, id: str, body: ProfileKeyCreate, revision: IfMatch
) -> ProfileKeyShape:
    """It comes last in their order, and is bound to the profile's address."""
    found = await add_profile_key(house, actor, id, key=body.key, key_env=body.key_env, if_revision=revision)
    tag(response, found.profile.revision)
    return profile_key_of(found.keys[-1])


@router.delete(
    "/profiles/{id}/keys/{key}",
    summary="Remove a key from a profile",
    status_code=204,
    **policy("admin", audit="profile.remove_key"),
)
async def removed(house: Here, actor: Acting, id: str, key: str, revision: IfMatch) -> None:
    """By id, shown form or variable; it is forgotten. The last one stays where the provider needs a key."""
    await remove_profile_key(house, actor, id, key, if_revision=revision)


@router.post(
    "/profiles/{id}/keys/{key}/accept",
    summary="Use a refused key again",
    **policy("admin", audit="profile.accept_key"),
)
async def accepted(house: Here, actor: Acting, id: str, key: str) -> ProfileKeyShape:
    """Takes back the mark that a provider's refusal set."""
    return profile_key_of(await accept_profile_key(house, actor, id, key))
