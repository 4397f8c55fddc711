"""Allowances: whoever leaves, fails or freezes, what is held is what is needed, and never less than nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import DatabaseUnavailable
from modelhall.domain.ids import new_id
from modelhall.gateway import allowances as room
from modelhall.gateway.allowances import Allowances
from modelhall.storage import budgets, fold
from modelhall.storage.budgets import Wish
from modelhall.storage.database import Database
from modelhall.storage.fold import Folder
from modelhall.storage.journal import Journal, open_journal
from tests.storage.ledger_seeds import NOON, a_settlement, a_window, an_intent, fresh, state_of

LEASE = timedelta(hours=1)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Journal]:
    async with open_journal(tmp_path / "journal", "own") as journal:
        yield journal


async def test_callers_that_leave_while_the_database_gives_leave_nothing_held(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = await a_window(database, 1_000_000)
    mine = Allowances(database, new_id(), LEASE)
    commit = AsyncConnection.commit
    committing = asyncio.Event()

    async def slow(connection: AsyncConnection) -> None:
        committing.set()
        await commit(connection)
        await asyncio.sleep(0.02)

    monkeypatch.setattr(AsyncConnection, "commit", slow)
    asking = asyncio.create_task(mine.hold([window], 100))
    await committing.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    async with asyncio.timeout(5):
        assert await mine.hold([window], 90)
    mine.settle([window], 90, 0)
    monkeypatch.setattr(AsyncConnection, "commit", commit)
    monkeypatch.setattr(room, "IDLE_S", 0.0)
    await mine.tick()
    assert await state_of(database, window) == (0, 0, 0)


async def test_a_tick_that_is_cut_off_gives_nothing_back_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "IDLE_S", 0.0)
    window = await a_window(database, 1_000_000)
    other = new_id()
    async with database.write() as connection:
        await budgets.take(connection, other, [Wish(window, 500, 0)], NOON, NOON + LEASE)
    for steps in range(40):
        mine = Allowances(database, new_id(), LEASE)
        assert await mine.hold([window], 100)
        mine.settle([window], 100, 0)
        ticking = asyncio.create_task(mine.tick())
        for _ in range(steps):
            await asyncio.sleep(0 if steps % 2 else 0.0005)
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await mine.close(all_folded=True)
        assert await state_of(database, window) == (0, 500, 500)


async def test_a_call_that_waits_for_more_keeps_what_it_counted_on(database: Database) -> None:
    window = await a_window(database, 200)
    mine = Allowances(database, new_id(), LEASE)
    assert await mine.hold([window], 60)
    mine.settle([window], 60, 0)
    both = await asyncio.gather(mine.hold([window], 100), mine.hold([window], 60))
    assert both == [True, True]


async def test_a_database_that_does_not_answer_makes_a_call_wait_only_so_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PATIENCE_S", 0.2)
    window = await a_window(database, 1_000)
    mine = Allowances(database, new_id(), LEASE)
    async with database.write() as connection:
        await connection.execute(sa.text("UPDATE budget_windows SET spent = spent"))
        async with asyncio.timeout(2):
            refused = await asyncio.gather(*(mine.hold([window], 10) for _ in range(3)), return_exceptions=True)
        assert [type(each) for each in refused] == [DatabaseUnavailable] * 3
    assert await mine.hold([window], 10)
    mine.settle([window], 10, 0)
    await mine.close(all_folded=True)
    assert await state_of(database, window) == (0, 0, 0)


async def test_a_charge_above_its_hold_is_spent_once_and_nobody_else_can_take_it(
    database: Database, own: Journal
) -> None:
    window = await a_window(database, 250)
    process_id = new_id()
    mine = Allowances(database, process_id, LEASE)
    folder = Folder(database, own, process_id, mine.fell_short)
    for ticks_first in (False, True):
        assert await mine.hold([window], 10)
        intent = an_intent(window, bound=10)
        own.write(intent)
        own.write(a_settlement(intent, charge=100))
        mine.settle([window], 10, 100)
        if ticks_first:
            await mine.tick()
        await folder.fold()
        spent, held, noted = await state_of(database, window)
        assert (spent, held, noted) == (200 if ticks_first else 100, 0, 0)
        await mine.tick()
        assert await state_of(database, window) == (spent, 0, 0)
    assert not await mine.hold([window], 60)
    assert await mine.hold([window], 50)


async def test_a_process_that_was_frozen_beyond_its_lease_frees_nothing_of_others(
    database: Database, own: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "IDLE_S", 0.0)
    window = await a_window(database, 1_000)
    process_id, other = new_id(), new_id()
    mine = Allowances(database, process_id, -LEASE)
    folder = Folder(database, own, process_id, mine.fell_short)
    assert await mine.hold([window], 100)
    assert await mine.hold([window], 100)
    mine.settle([window], 100, 0)
    async with database.write() as connection:
        await budgets.take(connection, other, [Wish(window, 300, 0)], NOON, NOON + timedelta(days=20_000))
        assert await budgets.charge_lost(connection, NOON + timedelta(days=10_000)) == {window: 200}
    assert await state_of(database, window) == (200, 300, 300)
    intent = an_intent(window)
    own.write(intent)
    own.write(a_settlement(intent, charge=60))
    mine.settle([window], 100, 60)
    assert await mine.hold([window], 150)
    mine.settle([window], 150, 0)
    for _ in range(2):
        await mine.tick()
        await folder.fold()
    assert await state_of(database, window) == (260, 300, 300)


async def test_what_is_lost_is_charged_once_however_many_notice(database: Database) -> None:
    window = await a_window(database, 1_000)
    async with database.write() as connection:
        await budgets.take(connection, new_id(), [Wish(window, 100, 0)], NOON, NOON)
    later = NOON + LEASE
    noticed = await asyncio.gather(*(fold.keep_leases(database, new_id(), later, later + LEASE) for _ in range(5)))
    assert sorted(noticed, key=len) == [{}, {}, {}, {}, {window: 100}]
    assert await state_of(database, window) == (100, 0, 0)


async def test_a_fold_in_the_middle_of_a_tick_leaves_nothing_that_the_budget_did_not_give(
    database: Database, own: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = await a_window(database, 250)
    process_id = new_id()
    mine = Allowances(database, process_id, LEASE)
    folder = Folder(database, own, process_id, mine.fell_short)
    assert await mine.hold([window], 100)
    intent = an_intent(window, bound=100)
    own.write(intent)
    own.write(a_settlement(intent, charge=300))
    mine.settle([window], 100, 300)
    give_back, told = budgets.give_back, list[bool]()

    async def late(connection: AsyncConnection, process: str, amounts: dict[str, int]) -> None:
        # What the tick owes was counted before this, and is told to the database after it.
        if not told:
            told.append(True)
            mine.fell_short({window: 200})
        await give_back(connection, process, amounts)

    monkeypatch.setattr(budgets, "give_back", late)
    await mine.tick()
    assert await state_of(database, window) == (0, 100, 100)
    await folder.fold()
    assert not await mine.hold([window], 100)


async def test_taking_and_folding_never_wait_for_each_other_in_a_circle(database: Database, own: Journal) -> None:
    windows = [await a_window(database, 10_000_000) for _ in range(2)]
    process_id = new_id()
    mine = Allowances(database, process_id, LEASE)
    folder = Folder(database, own, process_id, mine.fell_short)
    ended = asyncio.Event()

    async def folds() -> None:
        while not ended.is_set():
            await folder.fold()
            await fold.keep_leases(database, process_id, NOON, NOON + LEASE)

    async def calls() -> None:
        for number in range(60):
            assert await mine.hold(windows, 100 + number)
            intent = an_intent(*windows)
            own.write(intent)
            own.write(a_settlement(intent, charge=100 + number))
            mine.settle(windows, 100 + number, 100 + number)

    folding = asyncio.create_task(folds())
    async with asyncio.timeout(60):
        await asyncio.gather(*(calls() for _ in range(4)))
    ended.set()
    await folding
    await folder.fold()
    await mine.close(all_folded=True)
    expected = 4 * sum(100 + number for number in range(60))
    assert [await state_of(database, window) for window in windows] == [(expected, 0, 0)] * 2


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much was wished for each time that the database was asked for allowance."""
    wished: list[int] = []
    take = budgets.take

    async def noted(
        connection: AsyncConnection, process_id: str, wishes: Sequence[Wish], now: datetime, leased_until: datetime
    ) -> dict[str, int] | None:
        wished.extend(max(wish.need, wish.pace) for wish in wishes)
        return await take(connection, process_id, wishes, now, leased_until)

    monkeypatch.setattr(budgets, "take", noted)
    return wished


async def test_callers_that_come_together_are_served_by_a_few_transactions(
    database: Database, asked: list[int]
) -> None:
    window = await a_window(database, 1_000_000)
    mine = Allowances(database, new_id(), LEASE)
    assert await asyncio.gather(*(mine.hold([window], 100) for _ in range(64))) == [True] * 64
    assert len(asked) <= 3
    for _ in range(64):
        mine.settle([window], 100, 0)
    await mine.close(all_folded=True)
    assert await state_of(database, window) == (0, 0, 0)


async def test_what_the_next_second_needs_is_taken_before_a_call_has_to_wait_for_it(
    database: Database, asked: list[int]
) -> None:
    window = await a_window(database, 1_000_000)
    mine = Allowances(database, new_id(), LEASE)
    assert await mine.hold([window], 1_000)
    mine.settle([window], 1_000, 1_000)
    mine.count_second()
    await mine.tick()
    assert asked == [1_000, 1_000]
    assert await mine.hold([window], 900)
    assert len(asked) == 2
    await mine.tick()
    await mine.tick()
    assert sum(asked) <= 4_000


async def test_nothing_is_taken_ahead_where_another_process_is_short(database: Database, asked: list[int]) -> None:
    window = await a_window(database, 10_000)
    mine = Allowances(database, new_id(), LEASE)
    assert await mine.hold([window], 1_000)
    mine.settle([window], 1_000, 1_000)
    mine.count_second()
    assert not await Allowances(database, new_id(), LEASE).hold([window], 20_000)
    before = len(asked)
    await mine.tick()
    assert len(asked) == before


async def test_callers_that_come_together_to_a_spent_budget_are_refused_by_a_few_transactions(
    database: Database, asked: list[int]
) -> None:
    window = await a_window(database, 1_000)
    mine = Allowances(database, new_id(), LEASE)
    admitted = await asyncio.gather(*(mine.hold([window], 100) for _ in range(64)))
    assert admitted.count(True) == 10
    assert len(asked) <= 15
    mine.settle([window], 100, 0)
    assert await mine.hold([window], 100)
    assert not await mine.hold([window], 1)


async def test_who_is_alone_gives_back_what_lies_idle_and_looks_for_no_wishes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = await a_window(database, 1_000_000)
    alone, one_of_two = Allowances(database, new_id(), LEASE, alone=True), Allowances(database, new_id(), LEASE)
    for each in (alone, one_of_two):
        assert await each.hold([window], 300)
        each.settle([window], 300, 0)
    async with database.write() as connection:
        assert await budgets.take(connection, new_id(), [Wish(window, 10**9, 0)], *[datetime.now(UTC)] * 2) is None
    await alone.tick()
    assert (await state_of(database, window))[1] == 600  # it was not asked for
    await one_of_two.tick()
    assert (await state_of(database, window))[1] == 300
    monkeypatch.setattr(room, "IDLE_S", 0.0)
    await alone.tick()
    assert (await state_of(database, window))[1] == 0
