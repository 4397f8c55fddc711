"""Lists the tags and categories that models carry, each with how many."""

from collections import Counter
from dataclasses import dataclass

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.uses import EVERY
from modelhall.storage import models, tags


@dataclass(frozen=True, slots=True)
class Labels:
    """What models are sorted by, each with the number of living models."""

    tags: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]


async def list_labels(house: House, actor: Actor) -> Labels:
    """In the order of the alphabet. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        counted = await tags.count_tags(connection, actor.organisation_id)
        library = await models.list_models(connection, actor.organisation_id, limit=EVERY)
    categories = Counter(model.category for model in library if model.category is not None)
    return Labels(tuple(counted), tuple(sorted(categories.items())))
