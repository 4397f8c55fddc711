"""Lists profiles that were removed and can be restored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import profiles

MOST = 500


@dataclass(frozen=True, slots=True)
class RemovedProfile:
    """A profile that was removed, without its keys."""

    profile: Profile
    removed_at: datetime


async def list_removed_profiles(house: House, actor: Actor) -> Sequence[RemovedProfile]:
    """Of each id the one that was removed last, the latest first. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        found = await profiles.deleted_profiles(connection, actor.organisation_id, limit=MOST)
    latest: dict[str, RemovedProfile] = {}
    for each in found:
        latest.setdefault(each.profile.slug, RemovedProfile(each.profile, each.deleted_at))
    return list(latest.values())
