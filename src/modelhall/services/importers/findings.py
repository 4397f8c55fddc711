"""What an import says of each thing that it found: carried over, left behind with the reason, or for a person to do."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of it."""

    CARRIED = "carried"
    LEFT = "left"
    PERSON = "person"
    """A person has to do something."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing of the foreign file."""

    outcome: Outcome
    place: str
    """Where it stands, such as `model_list[2].litellm_params.rpm`."""
    words: str
    """For people; never a key, nor any other value that may be one."""
    line: int | None = None
