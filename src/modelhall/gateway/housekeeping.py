"""What goes on beside the calls: folding, looking for changes, squaring allowances, reading the clock."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from modelhall.domain.errors import ModelhallError
from modelhall.gateway.allowances import Allowances
from modelhall.gateway.lookout import POLL_S, Lookout
from modelhall.gateway.meters import Meters
from modelhall.storage.database import Database
from modelhall.storage.fold import Folder, fold_abandoned, keep_leases
from modelhall.storage.guesses import forget_guesses
from modelhall.storage.invitations import forget_invitations
from modelhall.storage.journal import Journal
from modelhall.storage.sessions import forget_sessions

FOLD_S = 0.2
FSYNC_S = 0.1
TICK_S = 0.1
"""What is wanted elsewhere must be back within `allowances.WANTED_S`."""
ABANDONED_S = 10.0
LEASES_S = 20.0
FORGET_S = 3600.0
KEPT = timedelta(days=1)
"""Sessions that are over, wrong passwords, and invitations that nobody can accept any more, are forgotten then."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Housekeeping:
    """The regular work of one process."""

    database: Database
    journal: Journal
    journal_root: Path
    folder: Folder
    allowances: Allowances
    lookout: Lookout
    meters: Meters
    process_id: str
    lease: timedelta

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Does it all while the context lasts; at its end everything is folded and given back."""
        works: list[tuple[float, Callable[[], Awaitable[object]]]] = [
            (FOLD_S, self.fold),
            (FSYNC_S, self.journal.synced),
            (POLL_S, self.lookout.poll),
            (TICK_S, self.allowances.tick),
            (1.0, self._count_second),
            (ABANDONED_S, self.fold_abandoned),
            (LEASES_S, self._keep_leases),
            (FORGET_S, self.forget),
        ]
        tasks = [asyncio.create_task(_every(seconds, work)) for seconds, work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._last_things()

    async def fold(self) -> None:
        """Folds what was settled. Raises DatabaseUnavailable; nothing is lost then."""
        try:
            self.meters.folded += await self.folder.fold()
        except Exception:
            self.meters.fold_failures += 1
            raise

    async def _last_things(self) -> None:
        try:
            await self.fold()
            await self.allowances.close(all_folded=self.journal.all_folded)
        except Exception as error:  # noqa: BLE001 - nothing may keep the rest of the house from closing
            log.warning("not everything could be folded; the journal keeps it for the next start: %s", error)

    async def fold_abandoned(self) -> None:
        """Folds the journals of processes that are gone. Raises DatabaseUnavailable."""
        rows = await fold_abandoned(self.database, self.journal_root)
        if rows:
            log.info("folded the journal of a process that is gone: %d rows", rows)

    async def forget(self) -> None:
        """Removes what is over and says who people are. Raises DatabaseUnavailable."""
        before = datetime.now(UTC) - KEPT
        async with self.database.write() as connection:
            await forget_sessions(connection, before)
            await forget_guesses(connection, before)
            await forget_invitations(connection, before)

    async def _keep_leases(self) -> None:
        now = datetime.now(UTC)
        for window_id, amount in (await keep_leases(self.database, self.process_id, now, now + self.lease)).items():
            log.error(
                "charged allowance whose process and journal are lost", extra={"window": window_id, "nano": amount}
            )

    async def _count_second(self) -> None:
        self.allowances.count_second()


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Does the work again and again; trouble is logged when it begins and when it ends, not each time."""
    trouble = ""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except ModelhallError as error:
            if error.code != trouble:
                log.warning("housekeeping: %s", error.message, extra={"code": error.code})
            trouble = error.code
        except Exception as error:  # noqa: BLE001 - a house that stopped folding would lose what it serves
            if type(error).__name__ != trouble:
                _log_fault(error)
            trouble = type(error).__name__
        else:
            if trouble:
                log.info("housekeeping goes on after %s", trouble)
            trouble = ""


def _log_fault(error: Exception) -> None:
    log.error("housekeeping failed and is tried again", exc_info=error)
