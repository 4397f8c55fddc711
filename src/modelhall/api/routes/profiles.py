"""Profiles: accounts and servers of providers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, IfMatch, Limit, tag
from modelhall.api.policy import policy
from modelhall.api.shapes.connection_tests import ConnectionTestShape, connection_test_of
from modelhall.api.shapes.models import SyncRequest, SyncShape, sync_of
from modelhall.api.shapes.profiles import (
    ProfileCreate,
    ProfilePage,
    ProfilePatch,
    ProfileShape,
    profile_of,
    profile_page,
)
from modelhall.api.shapes.removed_profiles import ProfileUsesShape, RemovedProfilePage, removed_page, uses_shape
from modelhall.services.models.sync_models import sync_models
from modelhall.services.profiles.add_profile import add_profile
from modelhall.services.profiles.edit_profile import edit_profile
from modelhall.services.profiles.list_profiles import list_profiles
from modelhall.services.profiles.list_removed_profiles import list_removed_profiles
from modelhall.services.profiles.profile_uses import profile_uses
from modelhall.services.profiles.remove_profile import remove_profile
from modelhall.services.profiles.restore_profile import restore_profile
from modelhall.services.profiles.show_profile import show_profile
from modelhall.services.profiles.try_profile import try_new_profile, try_profile

router = APIRouter(tags=["profiles"], route_class=OnceRoute)
Force = Annotated[bool, Query(description="Also when a key, an alias or another model names it; for admins.")]


@router.get("/profiles", summary="List profiles", **policy("viewer"))
async def listed(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> ProfilePage:
    """The oldest first."""
    return profile_page(await list_profiles(house, actor, after=after, limit=limit))


@router.post("/profiles", summary="Add a profile", status_code=201, **policy("admin", audit="profile.add"))
async def added(house: Here, actor: Acting, response: Response, body: ProfileCreate) -> ProfileShape:
    """Whether its server answers does not matter."""
    view = await add_profile(house, actor, body.wanted())
    tag(response, view.profile.revision)
    return profile_of(view)


@router.post("/profiles/test", summary="Test a connection that is not stored", **policy("admin"))
async def tried_new(house: Here, actor: Acting, body: ProfileCreate) -> ConnectionTestShape:
    """Asks its server for the list of models; nothing is kept. A failed test is an answer, not an error."""
    return connection_test_of(await try_new_profile(house, actor, body.wanted()))


@router.get("/removed-profiles", summary="List removed profiles", **policy("admin"))
async def removed_ones(house: Here, actor: Acting) -> RemovedProfilePage:
    """Those that can be restored, the latest first."""
    return removed_page(await list_removed_profiles(house, actor))


@router.get("/profiles/{id}", summary="Show a profile", **policy("viewer"))
async def shown(house: Here, actor: Acting, response: Response, id: str) -> ProfileShape:
    """Never with its key."""
    view = await show_profile(house, actor, id)
    tag(response, view.profile.revision)
    return profile_of(view)


@router.patch("/profiles/{id}", summary="Edit a profile", **policy("admin", audit="profile.edit"))
async def edited(
    house: Here, actor: Acting, response: Response, id: str, body: ProfilePatch, revision: IfMatch
) -> ProfileShape:
    """An absent field stays. A new address asks for the key again."""
    view = await edit_profile(house, actor, id, body.edit(), if_revision=revision)
    tag(response, view.profile.revision)
    return profile_of(view)


@router.delete("/profiles/{id}", summary="Remove a profile", status_code=204, **policy("admin", audit="profile.remove"))
async def removed(house: Here, actor: Acting, id: str, revision: IfMatch, force: Force = False) -> None:
    """With its models and its key; what was used through it stays in the ledger."""
    await remove_profile(house, actor, id, force=force, if_revision=revision)


@router.post("/profiles/{id}/sync", summary="Bring in models", **policy("member", audit="model.sync"))
async def synced(house: Here, actor: Acting, id: str, body: SyncRequest) -> SyncShape:
    """Named models need no discovery; without names the provider's own list is taken, else the catalog's."""
    return sync_of(await sync_models(house, actor, id, body.models, activate=body.activate))


@router.post("/profiles/{id}/test", summary="Test a connection", **policy("member"))
async def tried(
    house: Here,
    actor: Acting,
    id: str,
    key: Annotated[str | None, Query(max_length=200, description="One of its keys; otherwise the first.")] = None,
) -> ConnectionTestShape:
    """Asks its server for the list of models; nothing is kept. A failed test is an answer, not an error."""
    return connection_test_of(await try_profile(house, actor, id, key=key))


@router.get("/profiles/{id}/uses", summary="What would break without a profile", **policy("admin"))
async def used(house: Here, actor: Acting, id: str) -> ProfileUsesShape:
    """Its models, and the default, keys, aliases, projects and successors that name them."""
    return uses_shape(await profile_uses(house, actor, id))


@router.post("/profiles/{id}/restore", summary="Restore a profile", **policy("admin", audit="profile.restore"))
async def restored(house: Here, actor: Acting, response: Response, id: str) -> ProfileShape:
    """With the models that went with it; a key that was stored is forgotten and must be given again."""
    view = await restore_profile(house, actor, id)
    tag(response, view.profile.revision)
    return profile_of(view)
