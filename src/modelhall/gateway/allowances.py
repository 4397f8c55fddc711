"""Step 3's money: what this process may still spend from each budget window without asking the database.

Allowance is taken for all windows of a call or for none, spent in memory, and returned when it has lain idle. The
database's `held` always covers it, so that no number of processes admits more than the budget.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from modelhall.domain.errors import DatabaseUnavailable
from modelhall.storage import budgets
from modelhall.storage.budgets import Wish
from modelhall.storage.database import Database, to_the_end

IDLE_S = 1.0
WANTED_S = 0.25
"""Within this time other processes give back what lies idle in a window that is wanted."""
PATIENCE_S = 5.0
"""How long a call waits for the database to say what its budget has left."""


@dataclass(slots=True)
class _Share:
    """This process's part of one window, in nano-dollars."""

    free: int = 0
    used: float = 0.0
    """When it was last held against, on the monotonic clock."""
    spent_now: int = 0
    spent_before: int = 0
    """Charged in this second and in the one before it."""
    awaited: int = 0
    """What the calls need that stand in line to ask for more."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """What the database could not give."""

    asked_at: float
    windows: Sequence[str]
    lacking: Sequence[int]
    """What was wanted beyond the allowance there, by window."""
    others: bool
    """Whether other processes may give some back."""

    def answers(self, came: float, windows: Sequence[str], lacking: Sequence[int]) -> bool:
        """Whether it is the answer too for a call that stood in line already and lacks as much or more."""
        return (
            came <= self.asked_at
            and windows == self.windows
            and all(mine >= theirs for mine, theirs in zip(lacking, self.lacking, strict=True))
        )


class Allowances:
    """The allowances of this process. `alone`: no other process takes any, so that none can be wanted elsewhere."""

    def __init__(self, database: Database, process_id: str, lease: timedelta, *, alone: bool = False) -> None:
        self._database = database
        self._process_id = process_id
        self._lease = lease
        self._alone = alone
        self._shares: dict[str, _Share] = {}
        self._asking = asyncio.Lock()
        self._refused: _Refused | None = None

    async def hold(self, windows: Sequence[str], amount: int) -> bool:
        """Sets the amount aside in all windows or in none; False when one of them has too little left.

        Raises DatabaseUnavailable, also when it takes too long to say.
        """
        if self.hold_here(windows, amount):
            return True
        try:
            async with asyncio.timeout(PATIENCE_S):
                held = await self._ask(windows, amount)
                if held is None:
                    await asyncio.sleep(WANTED_S)
                    held = await self._ask(windows, amount, exact=True)
                return bool(held)
        except TimeoutError:
            raise DatabaseUnavailable("the database does not say what the budget has left", retry_after_s=1) from None

    def settle(self, windows: Sequence[str], held: int, charged: int) -> None:
        """Gives back what was set aside beyond the charge. A charge above it is owed and squared with the next tick."""
        for window_id in windows:
            share = self._share(window_id)
            share.free += held - charged
            share.spent_now += charged

    async def left(self, windows: Sequence[str]) -> int:
        """The least that any of these windows has left, this process's own idle allowance included."""
        async with self._database.read() as connection:
            left = await budgets.left(connection, windows)
        return min(left.get(window_id, 0) + max(self._share(window_id).free, 0) for window_id in windows)

    def fell_short(self, missing: Mapping[str, int]) -> None:
        """Charges were above the allowance: they are spent now, so that nothing is owed for them any more."""
        for window_id, amount in missing.items():
            share = self._share(window_id)
            share.free = min(share.free + amount, 0)

    async def tick(self) -> None:
        """Squares what is owed, returns what lies idle or is wanted, takes what is soon needed; called every 250 ms."""
        if any(share.free or share.spent_before for share in self._shares.values()):
            async with self._asking:
                await to_the_end(self._square())

    async def _square(self) -> None:
        now = time.monotonic()
        wanted = set[str]() if self._alone else await self._wanted()
        idle = {
            window_id: share.free
            for window_id, share in self._shares.items()
            if share.free > 0 and (now - share.used > IDLE_S or window_id in wanted)
        }
        owed = {window_id: -share.free for window_id, share in self._shares.items() if share.free < 0}
        await self._return(idle, owed)
        await self._take_ahead(wanted)

    async def _wanted(self) -> set[str]:
        """The windows in which another process lately found too little."""
        async with self._database.read() as connection:
            return await budgets.wanted_since(connection, self._process_id, _utc() - timedelta(seconds=1))

    async def _take_ahead(self, wanted: Set[str]) -> None:
        """Takes what the last whole second cost where less than half of it is left: no call has to wait for it then.

        Not where another process is short: there, calls ask for what they need.
        """
        lately = time.monotonic() - IDLE_S
        wishes = [
            Wish(window_id, 1, share.spent_before)
            for window_id, share in self._shares.items()
            if 0 <= 2 * share.free < share.spent_before and share.used > lately and window_id not in wanted
        ]
        if not wishes:
            return
        now = _utc()
        async with self._database.write() as connection:
            taken = [
                await budgets.take(connection, self._process_id, [wish], now, now + self._lease) for wish in wishes
            ]
        for found in taken:
            for window_id, more in (found or {}).items():
                self._share(window_id).free += more

    def count_second(self) -> None:
        """Begins a new second of the pace at which allowance is taken."""
        for share in self._shares.values():
            share.spent_before, share.spent_now = share.spent_now, 0

    async def close(self, *, all_folded: bool) -> None:
        """Returns everything; where attempts are still to be folded, only what is not held for them."""
        async with self._asking:
            if all_folded:
                async with self._database.write() as connection:
                    await budgets.release(connection, self._process_id)
                self._shares.clear()
            else:
                await self._return(
                    {window_id: share.free for window_id, share in self._shares.items() if share.free > 0}, {}
                )

    def hold_here(self, windows: Sequence[str], amount: int) -> bool:
        """`hold` as far as no database need be asked: false also when one may have more."""
        shares = [self._share(window_id) for window_id in windows]
        for share in shares:
            if share.free < amount:
                return False
        now = time.monotonic()
        for share in shares:
            share.free -= amount
            share.used = now
        return True

    def _move(self, windows: Sequence[str], amount: int) -> None:
        for window_id in windows:
            self._share(window_id).free += amount

    def _used_now(self, windows: Sequence[str]) -> None:
        now = time.monotonic()
        for window_id in windows:
            self._share(window_id).used = now

    async def _ask(self, windows: Sequence[str], amount: int, *, exact: bool = False) -> bool | None:
        """Holds the amount with what the database gives; `None` when other processes may give some back.

        A caller that leaves does not stop it: what the database gave must be known, or nobody would return it.
        """
        came = time.monotonic()
        await self._in_line(windows, amount)
        refused = self._refused
        if refused is not None and refused.answers(came, windows, self._lacking(windows, amount)):
            self._asking.release()
            return None if refused.others else False
        asking = asyncio.create_task(self._take(windows, amount, exact=exact))
        asking.add_done_callback(lambda _: self._asking.release())
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(lambda done: self._not_needed(done, windows, amount))
            raise

    async def _in_line(self, windows: Sequence[str], amount: int) -> None:
        """Waits for the turn to ask. Who asks first asks for all behind, up to a twentieth of what is left."""
        for window_id in windows:
            self._share(window_id).awaited += amount
        try:
            await self._asking.acquire()
        finally:
            for window_id in windows:
                self._share(window_id).awaited -= amount

    def _lacking(self, windows: Sequence[str], amount: int) -> list[int]:
        return [amount - self._share(window_id).free for window_id in windows]

    def _not_needed(self, asked: "asyncio.Task[bool | None]", windows: Sequence[str], amount: int) -> None:
        if not asked.cancelled() and asked.exception() is None and asked.result():
            self._move(windows, amount)

    async def _take(self, windows: Sequence[str], amount: int, *, exact: bool) -> bool | None:
        asked_at, lacking = time.monotonic(), self._lacking(windows, amount)
        self._move(windows, -amount)  # nobody else may count on what is there while the rest is being asked for
        wishes = [
            Wish(
                window_id,
                -share.free,
                0 if exact else max(share.spent_now, share.spent_before, share.awaited - share.free),
            )
            for window_id in windows
            if (share := self._shares[window_id]).free < 0
        ]
        taken: Mapping[str, int] | None = None
        others = False
        now = _utc()
        try:
            if wishes:
                async with self._database.write() as connection:
                    found = await budgets.take(connection, self._process_id, wishes, now, now + self._lease)
                    others = found is None and await budgets.held_elsewhere(connection, self._process_id, windows)
                taken = found
            else:
                taken = {}
        finally:
            if taken is None:
                self._move(windows, amount)
        if taken is None:
            self._refused = _Refused(asked_at, windows, lacking, others)
            return None if others else False
        for window_id, more in taken.items():
            self._share(window_id).free += more
        self._used_now(windows)
        return True

    async def _return(self, idle: Mapping[str, int], owed: Mapping[str, int]) -> None:
        if not idle and not owed:
            return
        for window_id, amount in idle.items():
            self._shares[window_id].free -= amount  # nobody may spend it while it is being returned
        sent = False
        try:
            async with self._database.write() as connection:
                await budgets.give_back(connection, self._process_id, dict(idle))
                for window_id, amount in sorted(owed.items()):
                    await budgets.owe(connection, self._process_id, window_id, amount, _utc() + self._lease)
                sent = True
        except BaseException:
            if not sent:  # else nobody can say whether it was given back, and it must not be spent twice
                for window_id, amount in idle.items():
                    self._shares[window_id].free += amount
            raise
        surplus = dict[str, int]()
        for window_id, amount in owed.items():
            share = self._shares[window_id]
            share.free += amount
            if share.free > 0:
                # A fold was quicker and squared it meanwhile: this allowance nobody asked the budget for.
                surplus[window_id] = min(amount, share.free)
        await self._return(surplus, {})

    def _share(self, window_id: str) -> _Share:
        share = self._shares.get(window_id)
        if share is None:
            share = self._shares[window_id] = _Share()
        return share


def _utc() -> datetime:
    return datetime.now(UTC)
