"""Reads streams to their end whose caller has left, where the vendor bills the whole answer anyway."""

import asyncio
from typing import Protocol

MOST_DRAINS = 64
"""At once; beyond it a stream is left like any other, and what it had told until then counts."""
LEFT = (asyncio.CancelledError, GeneratorExit)
"""What an attempt ends with when its caller has gone."""


class Drainable(Protocol):
    """What `attempt.Attempt` has of use here."""

    @property
    def is_billed_in_full(self) -> bool: ...

    async def read_on(self) -> None: ...


class Drains:
    """The streams that are read on, each in a task of its own; of what arrives nothing is kept but its usage."""

    def __init__(self, most: int = MOST_DRAINS) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def take(self, attempt: Drainable, error: BaseException) -> bool:
        """Whether an attempt that ended with this error is read on here; settling it is then no longer the caller's."""
        if not isinstance(error, LEFT) or not attempt.is_billed_in_full or len(self._tasks) >= self._most:
            return False
        task = asyncio.create_task(attempt.read_on(), name="drain")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def close(self) -> None:
        """Ends those under way; each is settled with what it has told so far."""
        await asyncio.sleep(0)  # one that has not begun would end without being settled
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
