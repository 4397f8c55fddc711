"""How targets do, as this process sees it: who asked for a pause, who failed too often, who is being tried again."""

import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from modelhall.domain.errors import (
    DeadlineExceeded,
    Elsewhere,
    ModelhallError,
    ProviderBroke,
    ProviderBusy,
    ProviderError,
    ProviderHungUp,
    ProviderLacksModel,
    ProviderRefusedKey,
)

FAILURES_IN_A_ROW = 5
FAILURES_OF_20 = 10
LAST_20 = (1 << 20) - 1
PROBE_S = 5.0
"""So long a target that failed too often is left alone; then one call tries it."""
_NO_VERDICT = (ProviderRefusedKey, ProviderLacksModel)
"""They tell of the profile, not of how its server does."""


class Way(NamedTuple):
    """A model by one key of its profile: what a provider limits, and what fails or does not."""

    profile_id: str
    secret_id: str
    model_id: str


@dataclass(slots=True)
class _Trouble:
    """A way that has failed lately."""

    in_a_row: int = 0
    last_20: int = 0
    """A bit for each of the last outcomes, set where it was a failure."""
    open_until: float = 0.0
    """On the clock; 0 = the breaker is closed."""
    probing: bool = False
    paused_until: float = 0.0


class Health:
    """Keeps a record of ways that are in trouble; all others cost one look into an empty table."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._troubled: dict[Way, _Trouble] = {}

    def pause(self, way: Way) -> float:
        """How many seconds the provider still wants no call by this way; 0 = none."""
        trouble = self._troubled.get(way)
        return 0.0 if trouble is None else max(trouble.paused_until - self._clock(), 0.0)

    def admits(self, way: Way) -> bool:
        """Whether a call may go this way. After a pause of its own a broken way takes one call, to see how it does."""
        trouble = self._troubled.get(way)
        if trouble is None or not trouble.open_until:
            return True
        if trouble.probing or self._clock() < trouble.open_until:
            return False
        trouble.probing = True
        return True

    def heard(self, way: Way, error: BaseException | None) -> None:
        """What became of an attempt: `None` = it began to answer as it should."""
        if error is None:
            self._answered(way)
        elif isinstance(error, ProviderHungUp) and error.details["kept"]:
            self._no_verdict(way)  # a kept connection that is dead says nothing of the server
        elif isinstance(error, ProviderError | DeadlineExceeded) and not isinstance(error, _NO_VERDICT):
            if error.elsewhere is Elsewhere.NOWHERE:
                self._answered(way)  # what it refuses it has read
            else:
                self._failed(way, error)
        else:
            self._no_verdict(way)

    def keep_only(self, model_ids: Collection[str]) -> None:
        """Forgets the ways of models that are gone."""
        self._troubled = {way: trouble for way, trouble in self._troubled.items() if way.model_id in model_ids}

    def _no_verdict(self, way: Way) -> None:
        if (trouble := self._troubled.get(way)) is not None:
            trouble.probing = False

    def _answered(self, way: Way) -> None:
        trouble = self._troubled.get(way)
        if trouble is None:
            return
        trouble.in_a_row, trouble.open_until, trouble.probing = 0, 0.0, False
        trouble.last_20 = trouble.last_20 << 1 & LAST_20
        if not trouble.last_20 and trouble.paused_until <= self._clock():
            del self._troubled[way]

    def _failed(self, way: Way, error: ModelhallError) -> None:
        now = self._clock()
        trouble = self._troubled.setdefault(way, _Trouble())
        if isinstance(error, ProviderBusy | ProviderBroke) and error.retry_after_s:
            trouble.paused_until = max(trouble.paused_until, now + error.retry_after_s)
            if isinstance(error, ProviderBusy):  # it does well and only counts
                trouble.probing = False
                return
        trouble.in_a_row += 1
        trouble.last_20 = (trouble.last_20 << 1 | 1) & LAST_20
        broken = trouble.in_a_row >= FAILURES_IN_A_ROW or trouble.last_20.bit_count() >= FAILURES_OF_20
        if broken or trouble.probing:
            # Not all processes and targets at the same moment.
            trouble.open_until = now + PROBE_S * random.uniform(1.0, 1.2)  # noqa: S311 - no secret hangs on it
        trouble.probing = False
