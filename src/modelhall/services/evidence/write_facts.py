"""Writes what is known of a profile or model, and holds back what no longer keeps the organisation's policy."""

from modelhall.domain.privacy import Facts
from modelhall.services.evidence.hold_back import Standing, hold_back_losers
from modelhall.services.evidence.holder import Holder
from modelhall.services.house import House
from modelhall.storage.database import Change
from modelhall.storage.policies import facts_out


async def write_facts(house: House, change: Change, holder: Holder, facts: Facts) -> Holder:
    """The profile or model with these facts in the place of those it had."""
    connection = change.connection
    before = Standing(holder.profile, await holder.models(connection))
    written = await holder.with_facts(connection, facts)
    owner = written.model or written.profile
    await change.audit(
        "evidence.set",
        holder.kind,
        owner.id,
        holder.name,
        before={"evidence": facts_out(holder.facts)},
        after={"evidence": facts_out(facts)},
    )
    await hold_back_losers(house, change, before, Standing(written.profile, await written.models(connection)))
    return written
