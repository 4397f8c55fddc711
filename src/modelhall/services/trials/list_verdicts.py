"""Lists what people said of a model's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import members, verdicts
from modelhall.storage.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Verdicts:
    """On one model, the newest first."""

    model: str
    count: int
    mean: Decimal | None
    """Of the ratings from 1 to 5; `None`: there are none."""
    items: Sequence[Verdict]
    logins: Mapping[str, str]


async def list_verdicts(house: House, actor: Actor, model: str, *, limit: int) -> Verdicts:
    """By the model's public name, which need not be in the library (any more). Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        count, mean = await verdicts.mean_rating(connection, actor.organisation_id, model)
        items = await verdicts.verdicts_of(connection, actor.organisation_id, model, limit=limit)
        logins: dict[str, str] = {}
        for member_id in {each.member_id for each in items}:
            if (member := await members.get_member(connection, member_id)) is not None:
                logins[member_id] = member.login
    return Verdicts(model, count, mean, items, logins)
