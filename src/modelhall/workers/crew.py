"""The parent's side: starts the workers, hears them, starts them again when they die, and stops them."""

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from modelhall.domain.errors import SetupError
from modelhall.gateway.meters import Meters
from modelhall.workers.board import AWAY, Board
from modelhall.workers.channel import Channel, open_channel
from modelhall.workers.words import CannotStart, Counted, EngineNews, EngineWanted, Orders, Question, Ready, What, Word

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0
STEADY_S = 1.0
"""A worker that took connections for so long is started again at once when it dies."""
TRIES = 3
"""So often each worker is tried at the start before the server gives up."""
START_WITHIN_S = 120.0
LAST_THINGS_S = 8.0
"""What a worker may need after its calls have ended: folding, and giving its allowances back."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shared:
    """What workers inherit."""

    listener: socket.socket
    lock: int
    """The descriptor that holds the data directory: it stays held as long as one of them lives."""
    board: Board


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the parent does for its workers."""

    want_engine: Callable[[bool], None]
    """Somebody calls the built-in model; true: somebody wants it installed."""
    left_behind: Callable[[], Awaitable[object]]
    """Folds the journals of processes that are gone."""
    look: Callable[[], Awaitable[object]]
    """There is a new change number."""


@dataclass(slots=True)
class Seat:
    """One worker after the other."""

    number: int
    process: asyncio.subprocess.Process | None = None
    channel: Channel | None = None
    meters: Meters = field(default_factory=Meters)
    """What it counted, as it told last."""
    ready_since: float | None = None
    failures: int = 0
    """In a row: ends before it was ready."""
    why: str = ""


class Crew:
    """All workers of this server. `command` starts one; the numbers of what it inherits are added to it."""

    def __init__(
        self, count: int, command: Sequence[str], shared: Shared, orders: Callable[[int], Orders], deeds: Deeds
    ) -> None:
        self._command = command
        self._shared = shared
        self._orders = orders
        self._deeds = deeds
        self._seats = [Seat(number) for number in range(count)]
        self._gone = Meters()
        self._stop = asyncio.Event()
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._besides: set[asyncio.Task[object]] = set()

    @asynccontextmanager
    async def run(self, drain_s: Callable[[], float]) -> AsyncGenerator[None]:
        """Has workers for as long as the context lasts; at its end they may finish their calls for `drain_s`.

        Raises SetupError when they cannot start.
        """
        keeping = [asyncio.create_task(self._keep(seat)) for seat in self._seats]
        try:
            try:
                async with asyncio.timeout(START_WITHIN_S):
                    await self._started
            except TimeoutError:
                raise SetupError(f"the workers did not start within {START_WITHIN_S:.0f} s") from None
            yield
        finally:
            await self._end(keeping, drain_s())

    def tell(self, news: EngineNews) -> None:
        """Tells all workers about the built-in model."""
        for seat in self._seats:
            if seat.channel is not None:
                seat.channel.say(news)

    async def counted(self) -> Meters:
        """What all workers counted since the server was started, also those that are gone."""
        await self._ask("count", self._seats)
        total = Meters()
        for meters in (self._gone, *(seat.meters for seat in self._seats)):
            total.add_all(meters)
        return total

    def wait_no_longer(self) -> None:
        """The start need not be waited for: the server is to stop."""
        if not self._started.done():
            self._started.set_result(None)

    def hurry(self) -> None:
        """Ends the workers at once, calls under way or not."""
        self._stop.set()
        self._signal(signal.SIGKILL)

    async def _end(self, keeping: Sequence[asyncio.Task[None]], drain_s: float) -> None:
        self._stop.set()
        self._signal(signal.SIGTERM)
        _, late = await asyncio.wait(keeping, timeout=drain_s + LAST_THINGS_S)
        if late:
            log.error("%d workers did not end in time and are killed", len(late))
            self._signal(signal.SIGKILL)
        await asyncio.gather(*keeping)
        self._beside(self._deeds.left_behind())
        await asyncio.gather(*self._besides, return_exceptions=True)
        if not self._started.done():
            self._started.cancel()

    def _signal(self, sign: signal.Signals) -> None:
        for seat in self._seats:
            if seat.process is not None:
                with suppress(ProcessLookupError):
                    seat.process.send_signal(sign)

    async def _keep(self, seat: Seat) -> None:
        """Has somebody in this seat until the end."""
        pause = 0.0
        while not self._stop.is_set():
            seat.why = ""
            how = await self._one_life(seat)
            if self._stop.is_set():
                return
            steady = seat.ready_since is not None and time.monotonic() - seat.ready_since >= STEADY_S
            pause = 0.0 if steady else min(max(2 * pause, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            log.warning(
                "worker %d %s; another one is started%s", seat.number, how, f" in {pause:g} s" if pause else " at once"
            )
            self._beside(self._deeds.left_behind())
            self._count_failure(seat, how)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)

    async def _one_life(self, seat: Seat) -> str:
        """Starts a worker and waits for its end; gives how it ended."""
        ours, theirs = socket.socketpair()
        seat.ready_since = None
        try:
            with theirs:
                process = seat.process = await self._spawn(theirs)
        except OSError as error:
            ours.close()
            return f"cannot be started: {error.strerror}"
        if self._stop.is_set():
            process.terminate()
        async with open_channel(ours) as channel:
            seat.channel = channel
            channel.say(self._orders(seat.number))
            listening = asyncio.create_task(channel.listen(partial(self._heard, seat)))
            code = await process.wait()
            await asyncio.wait({listening}, timeout=1)  # what it said last is still on the line
            listening.cancel()
        seat.process, seat.channel = None, None
        self._shared.board.write(seat.number, AWAY)
        self._bury(seat)
        return f"(process {process.pid}) " + (
            f"was ended by {signal.Signals(-code).name}" if code < 0 else f"left with code {code}"
        )

    async def _spawn(self, theirs: socket.socket) -> asyncio.subprocess.Process:
        """In a session of its own: Ctrl-C in a terminal is for the parent, which then lets the workers finish."""
        inherited = (theirs.fileno(), self._shared.listener.fileno(), self._shared.board.descriptor, self._shared.lock)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", *self._command, *map(str, inherited)),
            pass_fds=inherited,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    def _count_failure(self, seat: Seat, how: str) -> None:
        if seat.ready_since is not None:
            seat.failures = 0
            return
        seat.failures += 1
        if seat.failures >= TRIES and not self._started.done():
            self._started.set_exception(
                SetupError(f"the workers cannot start: {seat.why or f'worker {seat.number} {how}'}")
            )

    def _bury(self, seat: Seat) -> None:
        """Counters of one that is gone stay in the sums."""
        seat.meters.in_flight = seat.meters.unfolded = 0
        self._gone.add_all(seat.meters)
        seat.meters = Meters()

    def _beside(self, work: Awaitable[object]) -> None:
        async def done() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - housekeeping tries the same again within seconds
                log.warning("the journal of a dead worker is folded later: %s", error)

        task: asyncio.Task[object] = asyncio.create_task(done())
        self._besides.add(task)
        task.add_done_callback(self._besides.discard)

    async def _heard(self, seat: Seat, word: Word) -> Meters | None:
        match word:
            case Ready():
                seat.ready_since = time.monotonic()
                if not self._started.done() and all(each.ready_since is not None for each in self._seats):
                    self._started.set_result(None)
            case CannotStart():
                seat.why = word.message
            case Counted():
                seat.meters = word.meters
            case EngineWanted():
                self._deeds.want_engine(word.install)
            case Question():
                return await self._answer(word.what, [each for each in self._seats if each is not seat])
            case _:
                pass
        return None

    async def _answer(self, what: What, others: Sequence[Seat]) -> Meters | None:
        match what:
            case "count":
                return await self.counted()
            case "fold":
                await self._ask(what, others)
            case "look":
                await asyncio.gather(self._ask(what, others), self._deeds.look())
        return None

    async def _ask(self, what: What, seats: Sequence[Seat]) -> None:
        channels = [seat.channel for seat in seats if seat.channel is not None and seat.ready_since is not None]
        await asyncio.gather(*(channel.ask(what) for channel in channels))
