"""What a parent and its workers say to each other."""

from typing import Literal

import msgspec

from modelhall.gateway.meters import Meters
from modelhall.services.local.status import EngineStatus

What = Literal["count", "fold", "look"]
"""`count`: tell what was counted; `fold`: bring the journal into the ledger; `look`: there is a new change number."""


class Orders(msgspec.Struct, frozen=True, tag="orders"):
    """The first thing a worker hears. Never on its command line, which any user of the machine can read."""

    settings: str
    """The parent's settings as JSON, those that were told."""
    token: str
    """The operator token of this start."""
    seat: int
    """Which of the workers it is, from 0; one that takes the place of a dead one has its number."""
    engine: "EngineNews"


class EngineNews(msgspec.Struct, frozen=True, tag="engine"):
    """How the built-in model is now, and where it answers if it does. Parent to workers."""

    status: EngineStatus
    origin: str | None = None
    api_key: str | None = None


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """This worker takes connections now."""


class CannotStart(msgspec.Struct, frozen=True, tag="cannot-start"):
    """Why this worker will end at once."""

    message: str


class EngineWanted(msgspec.Struct, frozen=True, tag="engine-wanted"):
    """Somebody called the built-in model at a worker, or asked to have it installed."""

    install: bool


class Counted(msgspec.Struct, frozen=True, tag="counted"):
    """What a worker counted so far, told when asked for and now and then, so that it is not lost with the worker."""

    meters: Meters


class Question(msgspec.Struct, frozen=True, tag="question"):
    """Asked of the parent by a worker it means: of all workers; it waits for their answers."""

    id: int
    what: What


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """To the question with that number."""

    id: int
    meters: Meters | None = None


Word = Orders | EngineNews | Ready | CannotStart | EngineWanted | Counted | Question | Answer
