"""Takes a provider key from a profile and forgets it."""

from dataclasses import replace

from modelhall.domain.errors import Conflict
from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.key_view import find_secret, told
from modelhall.services.profiles.profile_view import needs_key
from modelhall.services.rights import require
from modelhall.storage import profiles


async def remove_profile_key(
    house: House, actor: Actor, slug: str, name: str, *, if_revision: int | None = None
) -> None:
    """Remove the key of that id, shown form or variable; the last one only where the provider needs none.

    Raises RoleTooLow, NotFound, Stale, Conflict.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        old = await find_profile(change.connection, actor.organisation_id, slug, if_revision=if_revision)
        secret = find_secret(old, name)
        left = tuple(each for each in old.secrets if each.id != secret.id)
        if not left:
            _refuse_last(house, old)
        await profiles.update_profile(change.connection, replace(old, origin="person"))
        await profiles.delete_secret(change.connection, secret.id)
        before, after = told(old.secrets), told(left)
        await change.audit("profile.remove_key", "profile", old.id, old.slug, before=before, after=after)


def _refuse_last(house: House, profile: Profile) -> None:
    if needs_key(house, profile):
        raise Conflict(
            f"this is the last key of profile {profile.slug}, and {profile.provider} answers nobody without one; "
            f"add another first: `modelhall profile key add {profile.slug} --key -`",
            details={"reason": "last_key"},
        )
