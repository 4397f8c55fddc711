"""Step 3's money: what this process may still spend from each budget window without asking the database.

Allowance is taken for all windows of a call or for none, spent in memory, and returned when it has lain idle. The
database's `held` always covers it, so that no number of processes admits more than the budget.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
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

    @property
    def pace(self) -> int:
        """What is charged in a second."""
        return max(self.spent_now, self.spent_before)


@dataclass(frozen=True, slots=True)
class _Short:
    """What the database said last when a window had too little left."""

    began: float
    """When it was asked, on the monotonic clock."""
    needs: Mapping[str, int]
    others: bool
    """Whether other processes may give some back."""

    def settles(self, came: float, needs: Mapping[str, int]) -> bool:
        """Whether somebody who has waited since `came` need not ask again: it wants no less, and came before."""
        return (
            came <= self.began
            and needs.keys() == self.needs.keys()
            and all(needs[window_id] >= need for window_id, need in self.needs.items())
        )


class Allowances:
    """The allowances of this process."""

    def __init__(self, database: Database, process_id: str, lease: timedelta) -> None:
        self._database = database
        self._process_id = process_id
        self._lease = lease
        self._shares: dict[str, _Share] = {}
        self._asking = asyncio.Lock()
        self._short: _Short | None = None

    async def hold(self, windows: Sequence[str], amount: int) -> bool:
        """Sets the amount aside in all windows or in none; False when one of them has too little left.

        Raises DatabaseUnavailable, also when it takes too long to say.
        """
        if self._hold_here(windows, amount):
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
        """Squares what is owed, returns what lies idle or is wanted; called several times within `WANTED_S`."""
        if any(share.free for share in self._shares.values()):
            async with self._asking:
                await to_the_end(self._square())

    async def _square(self) -> None:
        now = time.monotonic()
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

    def _hold_here(self, windows: Sequence[str], amount: int) -> bool:
        if any(self._share(window_id).free < amount for window_id in windows):
            return False
        self._move(windows, -amount)
        self._used_now(windows)
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
        await self._asking.acquire()
        asking = asyncio.create_task(self._take(windows, amount, came, exact=exact))
        asking.add_done_callback(lambda _: self._asking.release())
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(lambda done: self._not_needed(done, windows, amount))
            raise

    def _not_needed(self, asked: "asyncio.Task[bool | None]", windows: Sequence[str], amount: int) -> None:
        if not asked.cancelled() and asked.exception() is None and asked.result():
            self._move(windows, amount)

    async def _take(self, windows: Sequence[str], amount: int, came: float, *, exact: bool) -> bool | None:
        needs = {window_id: amount - free for window_id in windows if (free := self._share(window_id).free) < amount}
        # Many who are refused together cost one question, or they would wait for each other's.
        if needs and self._short is not None and self._short.settles(came, needs):
            return None if self._short.others else False
        self._move(windows, -amount)  # nobody else may count on what is there while the rest is being asked for
        wishes = [
            Wish(window_id, need, 0 if exact else self._share(window_id).pace) for window_id, need in needs.items()
        ]
        taken: Mapping[str, int] | None = None
        others = False
        began, now = time.monotonic(), _utc()
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
            self._short = _Short(began, needs, others)
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
