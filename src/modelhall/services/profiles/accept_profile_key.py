"""Takes back that a provider refused a key: it is tried again."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.key_view import ProfileKeyView, find_secret, key_view, label
from modelhall.services.rights import require
from modelhall.storage import profiles


async def accept_profile_key(house: House, actor: Actor, slug: str, name: str) -> ProfileKeyView:
    """The key of that id, shown form or variable, without the mark. Raises RoleTooLow, NotFound, Conflict."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        profile = await find_profile(change.connection, actor.organisation_id, slug)
        old = find_secret(profile, name)
        if old.refused_at is None:
            change.nothing()
            return key_view(house, old)
        await profiles.mark_secret_refused(change.connection, old.id, None)
        before = {"shown": label(old), "refused_at": old.refused_at, "refused_because": old.refused_because}
        after = {"shown": label(old), "refused_at": None}
        await change.audit("profile.accept_key", "profile", profile.id, profile.slug, before=before, after=after)
        profile = await find_profile(change.connection, actor.organisation_id, slug)
    return key_view(house, find_secret(profile, old.id))
