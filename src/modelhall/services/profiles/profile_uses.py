"""Says what would break if a profile were removed or switched off."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.rights import require
from modelhall.services.uses import Use, all_uses_of
from modelhall.storage import models


@dataclass(frozen=True, slots=True)
class ProfileUses:
    """What a profile holds, and what needs it."""

    models: Sequence[str]
    """The public names of its models."""
    uses: Sequence[Use]


async def profile_uses(house: House, actor: Actor, slug: str) -> ProfileUses:
    """Its models, and what names them. Raises RoleTooLow, NotFound."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        profile = await find_profile(connection, actor.organisation_id, slug)
        held = await models.models_of_profile(connection, profile.id)
        uses = await all_uses_of(connection, actor.organisation_id, held)
    return ProfileUses([model.public_name for model in held], uses)
