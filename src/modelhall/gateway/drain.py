"""Reads streams to their end whose caller has left, where the vendor bills the whole answer anyway."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Protocol

from modelhall.dialects.dialect import Reader
from modelhall.domain.errors import JournalUnavailable
from modelhall.gateway.call import Target

MOST_DRAINS = 64
_LEFT = (asyncio.CancelledError, GeneratorExit)


class _Answer(Protocol):
    """What `upstream.Answer` has of use here."""

    status: int

    async def read(self) -> bytes: ...


class _Meter(Protocol):
    """What `metering.Meter` has of use here."""

    target: Target

    def failed(self, error: BaseException) -> None: ...
    def settle(self) -> None: ...


class _Hold(Protocol):
    """What `hold.Hold` has of use here."""

    def lend(self) -> None: ...
    def release(self) -> None: ...


class Drains:
    """The streams that are read on, each in a task of its own; of what arrives nothing is kept but its usage."""

    def __init__(self, most: int = MOST_DRAINS) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def take(
        self, error: BaseException, line: AsyncExitStack, answer: _Answer, reader: Reader, meter: _Meter, held: _Hold
    ) -> bool:
        """Whether a stream that broke off with this error is read on here; then settling it is no longer the caller's.

        Only one whose caller has left, of a provider that wants it so, and only `most` at once. `line` holds the
        connection open, and is empty afterwards. The meter must have been told of the error.
        """
        wanted = isinstance(error, _LEFT) and meter.target.provider.on_disconnect == "drain"
        if not wanted or answer.status != 200 or reader.finished or len(self._tasks) >= self._most:
            return False
        held.lend()
        task = asyncio.create_task(_read_on(line.pop_all(), answer, reader, meter, held), name="drain")
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


async def _read_on(line: AsyncExitStack, answer: _Answer, reader: Reader, meter: _Meter, held: _Hold) -> None:
    """Reads within the call's own deadlines, then settles: by the usage told at the end, else by an estimate."""
    try:
        async with line:
            while not reader.finished and (data := await answer.read()):
                reader.feed(data)
            reader.end()
    except Exception as error:  # noqa: BLE001 - nobody is there to be told; the row says that the caller had left
        meter.failed(error)
    finally:
        with suppress(JournalUnavailable):  # it is kept for folding
            meter.settle()
        held.release()
