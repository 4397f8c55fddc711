"""What a person used in the last 30 days, as older programs ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from modelhall.domain.people import Actor, Role
from modelhall.domain.usage import TOKEN_CLASSES
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import ledger
from modelhall.storage.ledger import Which

PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Used:
    """Sums over attempts."""

    tokens: int
    charge: int | None
    """Nano-dollars of those with a known price; `None`: there are attempts, and the price of none is known."""
    requests: int
    unpriced: int
    """How many of them have no known price, and are not in `charge`."""


async def personal_usage(house: House, actor: Actor) -> Mapping[str, Used]:
    """By the models' public names. Whose it is comes from the identity alone, never from the request.

    Raises RoleTooLow.
    """
    require(actor, Role.VIEWER)
    await house.catch_up()
    which = Which(organisation_id=actor.organisation_id, member_id=actor.member_id, since=house.clock() - PERIOD)
    async with house.database.read() as connection:
        totals = await ledger.totals_by_model(connection, which)
    return {
        model: Used(
            sum(total.usage.get(name, 0) for name in TOKEN_CLASSES),
            None if total.unpriced == total.attempts else total.charge,
            total.attempts,
            total.unpriced,
        )
        for model, total in totals.items()
    }


def together(used: Mapping[str, Used]) -> Used:
    """All of them in one."""
    known = [each.charge for each in used.values() if each.charge is not None]
    return Used(
        sum(each.tokens for each in used.values()),
        sum(known) if known or not used else None,
        sum(each.requests for each in used.values()),
        sum(each.unpriced for each in used.values()),
    )
