"""Beside everything else: holds back models whose evidence has come to its end."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from modelhall.domain.errors import ModelhallError
from modelhall.domain.ids import NIL
from modelhall.domain.people import Actor, Role
from modelhall.domain.policies import FACT_OF, evidence_words
from modelhall.gateway.call import Target
from modelhall.gateway.snapshot import Library
from modelhall.services.evidence.hold_back import broken, hold_back, on_evidence
from modelhall.services.house import House
from modelhall.storage import models

PAUSE_S = 0.5

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Ends:
    """When evidence ends, as of one change number."""

    number: int = -1
    of: list[tuple[datetime, Library, Target]] = field(default_factory=list[tuple[datetime, Library, Target]])


async def watch_evidence(house: House) -> None:
    """Until it is cancelled."""
    while True:
        await asyncio.sleep(PAUSE_S)
        try:
            await hold_back_lapsed(house)
        except ModelhallError as error:
            log.warning("evidence that ended was not looked at: %s", error.message, extra={"code": error.code})


async def hold_back_lapsed(house: House) -> int:
    """Hold back what has lost its evidence by the end of a day; gives how many models. Raises DatabaseUnavailable.

    A model that a person has changed since then is left as that person wanted it.
    """
    now, ends, held = house.clock(), _current(house), 0
    for end, library, target in ends.of:
        if end > now:
            break
        if target.model.updated_at < end and target.model.quarantined_because is None:
            held += await _lapsed(house, library, target, end, now)
    return held


def _current(house: House) -> _Ends:
    ends, snapshot = house.memory.of(_Ends), house.lookout.current()
    if ends.number != snapshot.number:
        found = [
            (end, library, target)
            for library in snapshot.libraries.values()
            if on_evidence(library.organisation.policy).demanded
            for target in library.targets.values()
            for end in target.privacy.ends()
        ]
        ends.of = sorted(found, key=lambda each: each[0])
        ends.number = snapshot.number
    return ends


async def _lapsed(house: House, library: Library, target: Target, end: datetime, now: datetime) -> bool:
    policy, privacy = on_evidence(library.organisation.policy), target.privacy
    before = end - timedelta(seconds=1)
    finding = broken(policy, privacy, now)
    if finding is None or broken(policy, privacy, before) is not None:
        return False
    system = Actor(library.organisation.id, NIL, Role.ADMIN, "system")
    async with house.database.change(system) as change:
        model = await models.get_model(change.connection, target.model.id)
        if model is None or model.revision != target.model.revision:
            change.nothing()  # it was changed meanwhile; the next look sees it as it is then
            return False
        was = privacy.known(FACT_OF[finding.rule], before)
        await hold_back(house, change, model, policy, f"{finding.words}; it was: {evidence_words(was)}", {model.id})
    return True
