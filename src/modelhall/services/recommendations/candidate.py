"""A model that may be recommended, with all that is weighed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from modelhall.services.health.model_health import NO_DATA, Health

State = Literal["active", "inactive", "listed"]
"""`listed`: in the catalog of a provider that has its key, not yet in the library."""
INPUT_SHARE = 3
"""Input counts so many times as much as output in the blended price: prompts are longer than answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model; `None` = unknown."""

    name: str
    """`profile/model-id`."""
    title: str
    state: State
    kind: str
    context: int | None
    max_output: int | None
    can: Mapping[str, bool]
    input_price: Decimal | None
    """USD per million tokens."""
    output_price: Decimal | None
    released: str | None
    """ISO date."""
    retires: str | None
    health: Health = NO_DATA
    wait_ms: int | None = None
    """The usual time to the first byte, measured here."""
    default: bool = False

    @property
    def blended(self) -> Decimal | None:
        """USD per million tokens at three of input to one of output."""
        if self.input_price is None or self.output_price is None:
            return None
        return (INPUT_SHARE * self.input_price + self.output_price) / (INPUT_SHARE + 1)
