"""Lists profiles that were removed and can be restored."""

from collections.abc import Sequence

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import profiles
from modelhall.storage.profiles import DeletedProfile

MOST = 500


async def list_removed_profiles(house: House, actor: Actor) -> Sequence[DeletedProfile]:
    """Of each id the one that was removed last, the latest first. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        found = await profiles.deleted_profiles(connection, actor.organisation_id, limit=MOST)
    latest: dict[str, DeletedProfile] = {}
    for each in found:
        latest.setdefault(each.profile.slug, each)
    return list(latest.values())
