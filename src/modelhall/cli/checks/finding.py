"""What a check found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `warn`: it works, but know this. `bad`: it does not work until it is mended."""

    name: str
    state: State
    what: str
    mend: str = ""
