"""Brings a removed profile back, with the models that went with it."""

from modelhall.domain.errors import Conflict, NotFound
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.profiles.profile_view import ProfileView, profile_views, told
from modelhall.services.rights import require
from modelhall.storage import profiles


async def restore_profile(house: House, actor: Actor, slug: str) -> ProfileView:
    """The profile of that id that was removed last. A key that was stored is forgotten and must be given again.

    Raises RoleTooLow, NotFound, Conflict when the id is in use again.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        found = await profiles.deleted_profiles(change.connection, actor.organisation_id, slug=slug, limit=1)
        if not found:
            raise NotFound(f"no profile {slug[:80]!r} was removed; `modelhall profile removed` shows those that were")
        if await profiles.profile_by_slug(change.connection, actor.organisation_id, slug) is not None:
            raise Conflict(
                f"the id {slug} is in use again: another profile has it now; remove that one first",
                details={"reason": "id_taken"},
            )
        profile = await profiles.restore_profile(change.connection, found[0])
        await change.audit("profile.restore", "profile", profile.id, profile.slug, after=told(profile))
        (view,) = await profile_views(house, change.connection, [profile])
    return view
