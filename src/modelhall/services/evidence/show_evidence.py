"""Shows what is known of a profile's or a model's privacy, and on what it stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from modelhall.domain.people import Actor, Role
from modelhall.domain.privacy import FACTS, Evidence, Fact
from modelhall.services.evidence.holder import Holder, find_holder
from modelhall.services.house import House
from modelhall.services.rights import require


@dataclass(frozen=True, slots=True)
class FactView:
    """One fact; without evidence it is not known, and counts as not so."""

    fact: Fact
    evidence: Evidence | None
    """What counts now."""
    over: Evidence | None
    """What counted until it ended."""


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """All facts of a profile or model."""

    name: str
    kind: Literal["profile", "model"]
    says: str
    """In one sentence where a call goes."""
    facts: tuple[FactView, ...]


async def show_evidence(house: House, actor: Actor, name: str) -> EvidenceView:
    """What is known of the profile of that id, or the model `profile/model-id`. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        return view_of(await find_holder(house, connection, actor.organisation_id, name), house.clock())


def view_of(holder: Holder, now: datetime) -> EvidenceView:
    """What is known, as it is told."""
    privacy = holder.privacy
    return EvidenceView(
        holder.name,
        holder.kind,
        _says(holder, now),
        tuple(FactView(fact, privacy.known(fact, now), privacy.lapsed(fact, now)) for fact in FACTS),
    )


def _says(holder: Holder, now: datetime) -> str:
    local = holder.privacy.known("local", now)
    if local is not None and local.value is True:
        return "What is sent stays on machines of the owner's: no third party sees it."
    return f"What is sent goes to a third party: {holder.provider.title}."
