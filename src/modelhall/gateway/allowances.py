"""Step 3's money: what this process may still spend from each budget window without asking the database.

Allowance is taken for all windows of a call or for none, spent in memory, and returned when it has lain idle. The
database's `held` always covers it, so that no number of processes admits more than the budget.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from modelhall.storage import budgets
from modelhall.storage.budgets import Wish
from modelhall.storage.database import Database

IDLE_S = 1.0
WANTED_S = 0.25
"""Within this time other processes give back what lies idle in a window that is wanted."""


@dataclass(slots=True)
class _Share:
    """This process's part of one window, in nano-dollars."""

    free: int = 0
    used: float = 0.0
    """When it was last held against, on the monotonic clock."""
    spent_now: int = 0
    spent_before: int = 0
    """Charged in this second and in the one before it."""


class Allowances:
    """The allowances of this process."""

    def __init__(self, database: Database, process_id: str, lease: timedelta) -> None:
        self._database = database
        self._process_id = process_id
        self._lease = lease
        self._shares: dict[str, _Share] = {}
        self._asking = asyncio.Lock()

    async def hold(self, windows: Sequence[str], amount: int) -> bool:
        """Sets the amount aside in all windows or in none; False when one of them has too little left."""
        if self._hold_here(windows, amount):
            return True
        async with self._asking:
            if self._hold_here(windows, amount) or await self._take(windows, amount):
                return True
            if not await self._others_may_give(windows):
                return False
        await asyncio.sleep(WANTED_S)
        async with self._asking:
            return self._hold_here(windows, amount) or await self._take(windows, amount, exact=True)

    def settle(self, windows: Sequence[str], held: int, charged: int) -> None:
        """Gives back what was set aside beyond the charge. A charge above it is owed and squared with the next tick."""
        for window_id in windows:
            share = self._shares[window_id]
            share.free += held - charged
            share.spent_now += charged

    async def left(self, windows: Sequence[str]) -> int:
        """The least that any of these windows has left, this process's own idle allowance included."""
        async with self._database.read() as connection:
            left = await budgets.left(connection, windows)
        return min(left.get(window_id, 0) + max(self._share(window_id).free, 0) for window_id in windows)

    async def tick(self) -> None:
        """Squares what is owed, returns what lies idle or is wanted; called every 250 ms."""
        now = time.monotonic()
        if not any(share.free for share in self._shares.values()):
            return
        async with self._asking:
            async with self._database.read() as connection:
                wanted = await budgets.wanted_since(connection, self._process_id, _utc() - timedelta(seconds=1))
            idle = {
                window_id: share.free
                for window_id, share in self._shares.items()
                if share.free > 0 and (now - share.used > IDLE_S or window_id in wanted)
            }
            owed = {window_id: -share.free for window_id, share in self._shares.items() if share.free < 0}
            await self._return(idle, owed)

    def count_second(self) -> None:
        """Begins a new second of the pace at which allowance is taken."""
        for share in self._shares.values():
            share.spent_before, share.spent_now = share.spent_now, 0

    async def close(self) -> None:
        """Returns everything that is not held by a call."""
        async with self._asking:
            await self._return(
                {window_id: share.free for window_id, share in self._shares.items() if share.free > 0}, {}
            )

    def _hold_here(self, windows: Sequence[str], amount: int) -> bool:
        if any(self._share(window_id).free < amount for window_id in windows):
            return False
        now = time.monotonic()
        for window_id in windows:
            share = self._shares[window_id]
            share.free -= amount
            share.used = now
        return True

    async def _take(self, windows: Sequence[str], amount: int, *, exact: bool = False) -> bool:
        wishes = [
            Wish(window_id, amount - share.free, 0 if exact else max(share.spent_now, share.spent_before))
            for window_id in windows
            if (share := self._share(window_id)).free < amount
        ]
        now = _utc()
        async with self._database.write() as connection:
            taken = await budgets.take(connection, self._process_id, wishes, now, now + self._lease)
        if taken is None:
            return False
        for window_id, more in taken.items():
            self._shares[window_id].free += more
        return self._hold_here(windows, amount)

    async def _others_may_give(self, windows: Sequence[str]) -> bool:
        async with self._database.read() as connection:
            return await budgets.held_elsewhere(connection, self._process_id, windows)

    async def _return(self, idle: Mapping[str, int], owed: Mapping[str, int]) -> None:
        if not idle and not owed:
            return
        for window_id, amount in idle.items():
            self._shares[window_id].free -= amount  # nobody may spend it while it is being returned
        try:
            async with self._database.write() as connection:
                await budgets.give_back(connection, self._process_id, dict(idle))
                for window_id, amount in owed.items():
                    await budgets.owe(connection, self._process_id, window_id, amount, _utc() + self._lease)
        except BaseException:
            for window_id, amount in idle.items():
                self._shares[window_id].free += amount
            raise
        for window_id, amount in owed.items():
            self._shares[window_id].free += amount

    def _share(self, window_id: str) -> _Share:
        share = self._shares.get(window_id)
        if share is None:
            share = self._shares[window_id] = _Share()
        return share


def _utc() -> datetime:
    return datetime.now(UTC)
