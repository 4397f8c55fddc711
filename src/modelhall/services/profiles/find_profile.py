"""Finds a profile by its id."""

from difflib import get_close_matches

from modelhall.domain.errors import NotFound, Stale
from modelhall.domain.library import Profile
from modelhall.services.connection import Connection
from modelhall.storage import profiles

EVERY = 10_000


async def find_profile(
    connection: Connection, organisation_id: str, slug: str, *, if_revision: int | None = None
) -> Profile:
    """The organisation's living profile. Raises NotFound with the nearest ids, Stale when it has another revision."""
    profile = await profiles.profile_by_slug(connection, organisation_id, slug)
    if profile is None:
        slugs = [each.slug for each in await profiles.list_profiles(connection, organisation_id, limit=EVERY)]
        near = get_close_matches(slug[:100], slugs, n=3, cutoff=0.4)
        hint = f"; there is {', '.join(near)}" if near else "; `modelhall profile list` shows what there is"
        raise NotFound(f"there is no profile {slug[:80]!r}{hint}", details={"nearest": near})
    if if_revision is not None and profile.revision != if_revision:
        raise Stale(f"profile {slug} was changed since you read it; read it again, then change it")
    return profile
