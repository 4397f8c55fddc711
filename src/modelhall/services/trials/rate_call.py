"""Keeps what a person says of the answer to a call of theirs, such as a trial."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.usage.show_call import show_call
from modelhall.services.words import lines, wrong
from modelhall.storage import verdicts
from modelhall.storage.verdicts import Verdict

WORST, BEST = 1, 5
MOST_NOTE = 1000


async def rate_call(house: House, actor: Actor, call_id: str, rating: int, note: str | None) -> Verdict:
    """The verdict on the model that answered last, in the place of an earlier one of the same person.

    The answer itself is not kept. Raises RoleTooLow, NotFound (another's call), BadRequest.
    """
    require(actor, Role.MEMBER)
    if not WORST <= rating <= BEST:
        raise wrong("rating", f"is {WORST}, of no use, to {BEST}, just right")
    last = (await show_call(house, actor, call_id)).attempts[-1]
    verdict = Verdict(
        organisation_id=actor.organisation_id,
        member_id=actor.member_id,
        call_id=call_id,
        model=last.model,
        rating=rating,
        note=lines(note, "note", MOST_NOTE),
        first_byte_ms=last.first_byte_ms,
        total_ms=last.total_ms,
        at=house.clock(),
    )
    async with house.database.change(actor) as change:
        await verdicts.put_verdict(change.connection, verdict)
        after = {"call": call_id, "rating": rating, "note": verdict.note}
        await change.audit("model.rate", "call", call_id, last.model, after=after)
    return verdict
