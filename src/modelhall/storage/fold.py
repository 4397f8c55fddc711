"""Folding: what the journal holds becomes ledger rows, roll-ups and spent budgets, in one transaction, once."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage import budgets, journal, last_used, ledger, posting, rollups
from modelhall.storage.database import Database
from modelhall.storage.journal import Intent, Journal, Record
from modelhall.storage.last_used import LastUsed
from modelhall.storage.ledger import Entry
from modelhall.storage.rollups import Refusal, Sums

BATCH = 3_000
"""Attempts per transaction, so that other processes wait no longer than some hundredths of a second for theirs."""

FellShort = Callable[[Mapping[str, int]], None]
"""Told by how much charges were above this process's allowances, by window."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a batch."""

    rows: int
    short: Mapping[str, int]
    """By how much the charges were above the process's allowances, by window."""


class Folder:
    """Folds the journal of this process while it is being written."""

    def __init__(
        self, database: Database, own: Journal, process_id: str, fell_short: FellShort = lambda _: None
    ) -> None:
        self._database = database
        self._journal = own
        self._process_id = process_id
        self._fell_short = fell_short
        self._last_used = LastUsed()
        self._open: dict[str, tuple[int, Intent]] = {}
        self._refusals: Counter[Refusal] = Counter[Refusal]()
        self._oldest_segment = 1
        self._unsure = 0
        """So many of the next attempts may be in the database already."""
        self._folding = asyncio.Lock()

    def refuse(self, refusal: Refusal) -> None:
        """Counts a refused call with the next fold."""
        # Refusals of one kind in one minute are one row, so that a database that is away fills no memory.
        self._refusals[replace(refusal, at=refusal.at.replace(second=0, microsecond=0))] += refusal.count

    async def fold(self) -> int:
        """Writes all that was settled until now and gives the number of rows; on failure nothing is lost."""
        async with self._folding:
            return await self._fold()

    async def _fold(self) -> int:
        rows, waiting = 0, self._journal.unfolded
        while waiting > 0 or self._refusals:
            records = self._journal.take_unfolded(min(waiting, 2 * BATCH))
            waiting -= len(records)
            rows += await self._fold_batch(self._pair(records))
        await self._drop_segments()
        return rows

    async def _fold_batch(self, entries: Sequence[Entry]) -> int:
        refusals, self._refusals = self._refusals, Counter[Refusal]()
        if not entries and not refusals:
            return 0
        try:
            await self._write(entries, refusals)
        except BaseException:
            # The transaction may have been committed before the failure was seen: look before writing again.
            self._unsure = max(self._unsure, len(entries))
            self._journal.give_back(self._unpair(entries))
            self._refusals.update(refusals)
            raise
        self._unsure = max(self._unsure - len(entries), 0)
        return len(entries)

    async def _write(self, entries: Sequence[Entry], refusals: Mapping[Refusal, int]) -> None:
        counted = [replace(refusal, count=count) for refusal, count in refusals.items()]
        news = self._last_used.news(entries)
        async with self._database.write() as connection:
            written = await write_entries(connection, self._process_id, entries, counted, look_first=self._unsure > 0)
            await last_used.write(connection, news)
        self._last_used.wrote(news)
        if written.short:
            self._fell_short(written.short)

    def _pair(self, records: Iterable[tuple[int, Record]]) -> list[Entry]:
        entries: list[Entry] = []
        for segment, record in records:
            if isinstance(record, Intent):
                self._open[record.id] = (segment, record)
            else:
                entries.append(Entry(self._open.pop(record.id)[1], record))
        return entries

    def _unpair(self, entries: Sequence[Entry]) -> list[tuple[int, Record]]:
        segment = self._oldest_segment
        return [(segment, record) for entry in entries for record in (entry.intent, entry.settled)]

    async def _drop_segments(self) -> None:
        unfolded = self._journal.oldest_unfolded
        needed = min((segment for segment, _ in self._open.values()), default=unfolded)
        while self._oldest_segment < min(needed, unfolded):
            await asyncio.to_thread(self._journal.drop, self._oldest_segment)
            self._oldest_segment += 1


async def fold_abandoned(database: Database, root: Path) -> int:
    """Folds the journals of processes that are gone, gives their allowances back, and removes them.

    Gives the number of rows.
    """
    rows = 0
    async with journal.abandoned(root) as folders:
        for folder in folders:
            rows += await _fold_folder(database, folder)
    return rows


async def _fold_folder(database: Database, folder: Path) -> int:
    open_: dict[str, Intent] = {}
    entries: list[Entry] = []
    rows = 0
    for record in journal.read_folder(folder):
        if isinstance(record, Intent):
            open_[record.id] = record
        elif (intent := open_.pop(record.id, None)) is not None:
            entries.append(Entry(intent, record))
        if len(entries) >= BATCH:
            rows += await _write_left(database, folder.name, entries)
            entries = []
    entries += [ledger.unsettled(intent) for intent in open_.values()]
    rows += await _write_left(database, folder.name, entries)
    async with database.write() as connection:
        await budgets.release(connection, folder.name)
    journal.remove_folder(folder)
    return rows


async def _write_left(database: Database, process_id: str, entries: Sequence[Entry]) -> int:
    async with database.write() as connection:
        written = await write_entries(connection, process_id, entries, (), look_first=True)
        await last_used.write(connection, LastUsed().news(entries))
    return written.rows


async def write_entries(
    connection: AsyncConnection,
    process_id: str,
    entries: Sequence[Entry],
    refusals: Iterable[Refusal],
    *,
    look_first: bool,
) -> Written:
    """Writes ledger rows, roll-ups and spent budgets of attempts, each attempt once."""
    if look_first:
        there = await ledger.known(connection, [entry.intent.id for entry in entries])
        entries = [entry for entry in entries if entry.intent.id not in there]
    await posting.insert(connection, entries)
    sums = Sums()
    spent: dict[str, int] = {}
    for entry in entries:
        sums.add_attempt(entry.intent, entry.settled)
        amount = entry.settled.charge if entry.settled.charge is not None else entry.settled.unconfirmed or 0
        for window_id in entry.intent.windows:
            spent[window_id] = spent.get(window_id, 0) + amount
    for refusal in refusals:
        sums.add_refusal(refusal)
    await rollups.add(connection, sums)
    return Written(len(entries), await budgets.spend(connection, process_id, spent))


async def keep_leases(database: Database, process_id: str, now: datetime, leased_until: datetime) -> dict[str, int]:
    """Renews this process's allowances and charges those whose process is gone with its journal.

    Gives what was charged.
    """
    async with database.write() as connection:
        await budgets.renew(connection, process_id, leased_until)
    async with database.write() as connection:
        return await budgets.charge_lost(connection, now)
