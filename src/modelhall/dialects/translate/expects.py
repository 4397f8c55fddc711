"""What the reader of an answer must know of its request, and of whom it writes to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expects:
    """What the request of an answer means for it."""

    shows_reasoning: bool = True
    """Whether thoughts may stand in the answer: clients that asked for none take the first block for the text."""
    json_tool: str | None = None
    """The tool whose input is the answer's text."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an answer says of itself."""

    model: str | None = None
    """The name by which the caller asked; `None` = as the provider names it."""
    id: str = ""
    """Stands where the provider gave no id."""
    created: int = 0
    """Unix seconds; stands where the provider told no time."""
