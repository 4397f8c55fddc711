"""Reads the list that a provider gave last."""

from modelhall.domain.library import Profile
from modelhall.providers.provider import DiscoveredModel
from modelhall.services.house import House
from modelhall.services.models.listing import unpack_or_nothing
from modelhall.storage import known_lists


async def last_listing(house: House, profile: Profile) -> tuple[DiscoveredModel, ...]:
    """The models of the last good list; nothing where there was none."""
    async with house.database.read() as connection:
        return unpack_or_nothing(await known_lists.read_models(connection, profile.id)) or ()
