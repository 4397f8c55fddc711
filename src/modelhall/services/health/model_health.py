"""How models have been doing in the last half hour, from what their own calls told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from modelhall.gateway.metering import OK, PROVIDERS_FAULT
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.storage.rollups import Pulse, pulses

STRETCH = timedelta(minutes=30)
LEAST_ATTEMPTS = 5
OPERATIONAL = 0.95
DEGRADED = 0.5

State = Literal["operational", "degraded", "down", "no_data"]


@dataclass(frozen=True, slots=True)
class Health:
    """How a model is doing, always with how much is known."""

    state: State
    uptime: float | None
    """Part of the attempts that did not fail through the provider's fault, 0 to 1."""
    attempts: int
    as_of: datetime | None
    """The last minute in which it was called."""


NO_DATA = Health("no_data", None, 0, None)


async def model_health(house: House, connection: Connection, organisation_id: str) -> Mapping[str, Health]:
    """By library model id; models that were not called are not there."""
    beats = await pulses(connection, organisation_id, house.clock() - STRETCH)
    return {pulse.model_id: health_of(pulse) for pulse in beats}


def health_of(pulse: Pulse) -> Health:
    """Only answers and failures of the provider count: not what it or we refused, not callers who left."""
    failures = sum(pulse.attempts.get(status, 0) for status in PROVIDERS_FAULT)
    attempts = pulse.attempts.get(OK, 0) + failures
    if attempts < LEAST_ATTEMPTS:
        return Health("no_data", None, attempts, pulse.last_minute)
    uptime = 1 - failures / attempts
    state: State = "operational" if uptime >= OPERATIONAL else "degraded" if uptime >= DEGRADED else "down"
    return Health(state, round(uptime, 4), attempts, pulse.last_minute)
