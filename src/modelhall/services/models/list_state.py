"""How old a profile's list is, what of it could not be taken, and why there is no newer one."""

from dataclasses import dataclass
from datetime import datetime

from modelhall.domain.library import Profile
from modelhall.services.house import House
from modelhall.storage.known_lists import KnownList


@dataclass(frozen=True, slots=True)
class ListState:
    """What is known of the list of one profile."""

    profile: str
    provider: str
    has_list: bool
    """Whether this kind of provider can be asked at all; otherwise models are named by hand, or the catalog's."""
    known: KnownList | None
    """`None`: it was not asked for yet."""
    at: datetime

    @property
    def age_s(self) -> int | None:
        """How old the last good list is; `None`: there is none."""
        if self.known is None or self.known.listed_at is None:
            return None
        return max(0, int((self.at - self.known.listed_at).total_seconds()))


def state_of(house: House, profile: Profile, known: KnownList | None) -> ListState:
    """The state of this profile's list."""
    provider = house.providers.get(profile.provider)
    listed = provider is not None and provider.discovery is not None and not provider.supervised
    return ListState(profile.slug, profile.provider, listed, known, house.clock())
