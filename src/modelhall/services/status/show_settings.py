"""Shows the process settings that are in force."""

from collections.abc import Sequence

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House, Setting
from modelhall.services.rights import require


def show_settings(house: House, actor: Actor) -> Sequence[Setting]:
    """Each with where it comes from; secrets hidden. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    return house.settings()
