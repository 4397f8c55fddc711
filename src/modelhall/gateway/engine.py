"""Where the built-in model answers right now: what the gateway needs to know of its supervisor."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """One start of the engine: port and key are new each time, so it is asked for at each call."""

    origin: str
    api_key: str = field(repr=False)


class Engine(Protocol):
    """The supervisor as the gateway sees it."""

    def address(self) -> EngineAddress:
        """Where to send a call; raises EngineStarting or EngineFailed while nothing answers there."""
        ...
