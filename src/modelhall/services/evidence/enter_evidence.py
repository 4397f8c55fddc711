"""Enters the evidence for a fact of a profile or model, in the place of what was entered there before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from modelhall.domain.people import Actor, Role
from modelhall.domain.privacy import Evidence, Fact, Layer, Value
from modelhall.services.evidence.holder import find_holder
from modelhall.services.evidence.show_evidence import EvidenceView, view_of
from modelhall.services.evidence.write_facts import write_facts
from modelhall.services.house import House
from modelhall.services.models.add_model import login_of
from modelhall.services.rights import require
from modelhall.services.words import line, slug, wrong

MOST_REGIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvidence:
    """What is known, and on what it stands."""

    value: bool | Sequence[str]
    reference: str
    dated: date
    address: str | None = None
    valid_until: date | None = None


async def enter_evidence(house: House, actor: Actor, name: str, fact: Fact, given: NewEvidence) -> EvidenceView:
    """What is known then. Raises RoleTooLow, NotFound, BadRequest."""
    require(actor, Role.ADMIN)
    now = house.clock()
    async with house.database.change(actor) as change:
        holder = await find_holder(house, change.connection, actor.organisation_id, name)
        layer: Layer = "profile" if holder.model is None else "model"
        evidence = checked_evidence(fact, given, layer, await login_of(change.connection, actor))
        refuse_days(given, now.date())
        holder = await write_facts(house, change, holder, {**holder.facts, fact: evidence})
    return view_of(holder, now)


def refuse_days(given: NewEvidence, today: date) -> None:
    """Raises BadRequest for evidence that does not count today."""
    if given.dated > today:
        raise wrong("dated", "the evidence is of a day to come; say from when it is")
    if given.valid_until is not None and given.valid_until < today:
        raise wrong("valid_until", "that day is over, so it would count for nothing")


def checked_evidence(fact: Fact, given: NewEvidence, layer: Layer, login: str | None, place: str = "") -> Evidence:
    """The evidence as it is kept; `place`: what stands before the fields' names. Raises BadRequest."""
    if given.address is not None and not given.address.startswith(("https://", "http://")):
        raise wrong(f"{place}address", "must be the address of a page, https://…")
    return Evidence(
        value=_value(fact, given.value, f"{place}value"),
        reference=line(given.reference, f"{place}reference"),
        layer=layer,
        address=None if given.address is None else line(given.address, f"{place}address", 2000),
        dated=given.dated,
        valid_until=given.valid_until,
        entered_by=login,
    )


def _value(fact: Fact, value: bool | Sequence[str], place: str) -> Value:
    if fact != "regions":
        if not isinstance(value, bool):
            raise wrong(place, f"{fact} is so or not: true or false")
        return value
    if isinstance(value, bool) or not 1 <= len(value) <= MOST_REGIONS:
        raise wrong(place, f"name the 1 to {MOST_REGIONS} regions in which the data may be handled")
    return tuple(sorted({slug(each.strip().lower(), place) for each in value}))
