"""Shows one call to whoever made it: its attempts, what they cost, and what the house changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhall.domain.errors import NotFound
from modelhall.domain.ids import is_id
from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.storage import keys, ledger
from modelhall.storage.ledger import Attempt, Which

MOST_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class CallView:
    """One call."""

    id: str
    attempts: Sequence[Attempt]
    """In the order in which they were made."""
    key_names: Mapping[str, str]
    cost: int | None
    """Nano-dollars; `None` when the cost of one attempt is not known."""
    charge: int | None
    receipt: Mapping[str, str]


async def show_call(house: House, actor: Actor, call_id: str) -> CallView:
    """The call of that id, if this member (of a key without a role: this key) made it. Raises NotFound for others."""
    await house.catch_up()
    found: Sequence[Attempt] = ()
    if is_id(call_id):
        which = Which(
            organisation_id=actor.organisation_id,
            member_id=actor.member_id,
            key_id=actor.key_id if actor.plain else None,
            call_id=call_id,
        )
        async with house.database.read() as connection:
            found = await ledger.page(connection, which, before=None, limit=MOST_ATTEMPTS)
            names = await keys.key_names(connection, list({row.key_id for row in found if row.key_id}))
            if found:
                return _view(call_id, sorted(found, key=lambda row: row.number), names)
    raise NotFound(f"there is no call {call_id[:80]!r} of yours; a call that goes on is not in the ledger yet")


def _view(call_id: str, attempts: Sequence[Attempt], names: Mapping[str, str]) -> CallView:
    costs = [attempt.cost for attempt in attempts]
    charges = [attempt.charge for attempt in attempts]
    return CallView(call_id, attempts, names, _sum(costs), _sum(charges), attempts[-1].receipt)


def _sum(amounts: Sequence[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
