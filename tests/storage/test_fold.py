"""Folding: each attempt once in the ledger, the roll-ups and the budgets, however often tried, whoever dies."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import DatabaseUnavailable
from modelhall.domain.ids import new_id
from modelhall.domain.usage import USAGE_CLASSES
from modelhall.storage import budgets, fold, last_used, ledger
from modelhall.storage.budgets import Wish
from modelhall.storage.database import Database
from modelhall.storage.fold import Folder, fold_abandoned
from modelhall.storage.journal import Intent, Journal, Settled, open_journal, read_folder
from modelhall.storage.rollups import Refusal, bucket_of, pulses
from modelhall.storage.tables.money import attempts, rollups
from tests.storage.ledger_seeds import NOON, a_settlement, a_window, an_intent, fresh, rows, state_of

PROCESS = "01a1f783-0000-7000-8000-000000000001"


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Journal]:
    async with open_journal(tmp_path / "journal", PROCESS) as journal:
        yield journal


async def allow(database: Database, window_id: str, amount: int) -> None:
    async with database.write() as connection:
        taken = await budgets.take(connection, PROCESS, [Wish(window_id, amount, 0)], NOON, NOON + timedelta(hours=1))
        assert taken == {window_id: amount}


async def sums(database: Database, grain: str, outcome: str) -> list[sa.RowMapping]:
    async with database.read() as connection:
        found = await connection.execute(
            sa.select(rollups).where(rollups.c.grain == grain, rollups.c.outcome == outcome)
        )
        return list(found.mappings())


async def test_a_settled_attempt_becomes_a_row_and_its_hold_becomes_spent(database: Database, own: Journal) -> None:
    window = await a_window(database, 1_000)
    await allow(database, window, 100)
    intent = an_intent(window)
    own.write(intent)
    own.write(a_settlement(intent, charge=60))
    assert await Folder(database, own, PROCESS).fold() == 1
    (row,) = await rows(database)
    assert (row["id"], row["status"], row["input"], row["output"], row["cost"]) == (intent.id, "ok", 10, 5, 60)
    assert row["cache_read"] is None
    assert row["started_at"] == NOON
    assert await state_of(database, window) == (60, 40, 40)


async def test_an_attempt_under_way_waits_and_is_folded_when_it_ends(database: Database, own: Journal) -> None:
    folder = Folder(database, own, PROCESS)
    intent = an_intent()
    own.write(intent)
    assert await folder.fold() == 0
    own.write(a_settlement(intent))
    assert await folder.fold() == 1
    assert len(await rows(database)) == 1


async def test_a_fold_that_failed_after_its_commit_counts_nothing_twice(
    database: Database, own: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = await a_window(database, 1_000)
    await allow(database, window, 200)
    written = fold.write_entries

    async def committed_but_lost(connection: AsyncConnection, *args: object, **options: object) -> int:
        await written(connection, *args, **options)  # type: ignore[arg-type]
        await connection.commit()
        raise DatabaseUnavailable("the answer to the commit was lost")

    folder = Folder(database, own, PROCESS)
    for _ in range(2):
        intent = an_intent(window)
        own.write(intent)
        own.write(a_settlement(intent, charge=60))
    monkeypatch.setattr(fold, "write_entries", committed_but_lost)
    with pytest.raises(DatabaseUnavailable):
        await folder.fold()
    monkeypatch.setattr(fold, "write_entries", written)
    await folder.fold()
    assert len(await rows(database)) == 2
    assert await state_of(database, window) == (120, 80, 80)
    assert [row["attempts"] for row in await sums(database, "minute", "ok")] == [1, 1]


async def test_roll_ups_add_up_over_folds_in_all_three_grains(database: Database, own: Journal) -> None:
    folder = Folder(database, own, PROCESS)
    intent = an_intent()
    for _ in range(3):
        again = an_intent(organisation_id=intent.organisation_id, model_id=intent.model_id)
        same = type(intent)(
            **{name: getattr(intent, name) for name in intent.__struct_fields__ if name != "id"}, id=again.id
        )
        own.write(same)
        own.write(a_settlement(same, charge=60))
        await folder.fold()
    for grain, start in (
        ("minute", NOON.replace(second=0)),
        ("quarter", NOON.replace(second=0)),
        ("day", NOON.replace(hour=0, minute=0, second=0)),
    ):
        (row,) = await sums(database, grain, "ok")
        assert (row["starts_at"], row["attempts"], row["input"], row["charge"]) == (start, 3, 30, 180)
        assert row[f"total_b{bucket_of(340)}"] == 3
    async with database.read() as connection:
        (pulse,) = await pulses(connection, intent.organisation_id, NOON - timedelta(minutes=30))
    assert pulse.attempts == {"ok": 3}


async def test_a_refusal_is_counted_and_makes_no_row(database: Database, own: Journal) -> None:
    folder = Folder(database, own, PROCESS)
    folder.refuse(Refusal(NOON, new_id(), None, new_id(), None, None, None, "budget_exceeded"))
    await folder.fold()
    assert await rows(database) == []
    assert [row["attempts"] for row in await sums(database, "day", "budget_exceeded")] == [1]


async def test_the_journal_of_a_dead_process_is_folded_to_the_end(database: Database, tmp_path: Path) -> None:
    window = await a_window(database, 1_000)
    await allow(database, window, 500)
    root = tmp_path / "journal"
    async with open_journal(root, PROCESS) as journal:
        settled, open_ = an_intent(window), an_intent(window, bound=100)
        journal.write(settled)
        journal.write(open_)
        journal.write(a_settlement(settled, charge=60))
    assert await fold_abandoned(database, root) == 2
    found = {row["id"]: row for row in await rows(database)}
    assert (found[settled.id]["status"], found[settled.id]["charge"]) == ("ok", 60)
    lost = found[open_.id]
    assert (lost["status"], lost["cost"], lost["charge"], lost["unconfirmed"]) == (ledger.UNKNOWN, None, None, 100)
    assert await state_of(database, window) == (160, 0, 0)
    assert list(root.iterdir()) == []


async def test_a_journal_that_was_half_folded_before_the_death_counts_nothing_twice(
    database: Database, tmp_path: Path
) -> None:
    window = await a_window(database, 1_000)
    await allow(database, window, 300)
    root = tmp_path / "journal"
    async with open_journal(root, PROCESS) as journal:
        folder = Folder(database, journal, PROCESS)
        first, second = an_intent(window), an_intent(window)
        journal.write(first)
        journal.write(a_settlement(first, charge=60))
        await folder.fold()
        journal.write(second)
        journal.write(a_settlement(second, charge=60))
    assert await fold_abandoned(database, root) == 1
    assert len(await rows(database)) == 2
    assert await state_of(database, window) == (120, 0, 0)


async def test_folded_segments_are_dropped_and_those_with_open_attempts_kept(
    database: Database, own: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelhall.storage.journal.SEGMENT_BYTES", 2_000)
    folder = Folder(database, own, PROCESS)

    async def work() -> None:
        for _ in range(20):
            intent = an_intent()
            own.write(intent)
            own.write(a_settlement(intent))
        await folder.fold()

    waiting = an_intent()
    own.write(waiting)
    await work()
    assert (own.folder / "000001.log").exists()
    own.write(a_settlement(waiting))
    await folder.fold()
    assert sorted(path.name for path in own.folder.glob("*.log")) == [f"{own.segment:06d}.log"]


async def test_totals_say_what_is_unknown_apart(database: Database, own: Journal) -> None:
    organisation = new_id()
    for charge in (60, None, 5):
        intent = an_intent(organisation_id=organisation)
        own.write(intent)
        own.write(a_settlement(intent, charge=charge))
    await Folder(database, own, PROCESS).fold()
    which = ledger.Which(organisation_id=organisation)
    async with database.read() as connection:
        total = await ledger.total(connection, which)
        page = await ledger.page(connection, which, before=None, limit=2)
        rest = await ledger.page(connection, which, before=page[-1].id, limit=2)
        elsewhere = await ledger.total(connection, ledger.Which(organisation_id=new_id()))
    assert (total.attempts, total.cost, total.charge, total.unpriced) == (3, 65, 65, 1)
    assert dict(total.usage) == {"input": 30, "output": 15}
    assert [attempt.charge for attempt in page + rest] == [5, None, 60]
    assert (elsewhere.attempts, elsewhere.usage) == (0, {})


async def test_an_allowance_whose_process_and_journal_are_lost_is_charged(database: Database) -> None:
    window = await a_window(database, 1_000)
    await allow(database, window, 300)
    living = new_id()
    async with database.write() as connection:
        await budgets.take(connection, living, [Wish(window, 100, 0)], NOON, NOON + timedelta(hours=1))
    later = NOON + timedelta(hours=2)
    assert await fold.keep_leases(database, living, later, later + timedelta(hours=1)) == {window: 300}
    assert await state_of(database, window) == (300, 100, 100)


async def test_windows_are_taken_all_or_none(database: Database) -> None:
    wide, narrow = await a_window(database, 1_000), await a_window(database, 50)
    async with database.write() as connection:
        wishes = [Wish(wide, 100, 0), Wish(narrow, 100, 0)]
        assert await budgets.take(connection, PROCESS, wishes, NOON, NOON) is None
    assert await state_of(database, wide) == (0, 0, 0)
    assert await state_of(database, narrow) == (0, 0, 0)
    async with database.read() as connection:
        assert await budgets.left(connection, [wide, narrow]) == {wide: 1_000, narrow: 50}


async def test_more_is_taken_beforehand_but_never_more_than_a_twentieth_of_what_is_left(database: Database) -> None:
    window = await a_window(database, 10_000)
    async with database.write() as connection:
        assert await budgets.take(connection, PROCESS, [Wish(window, 10, 200)], NOON, NOON) == {window: 200}
        assert await budgets.take(connection, PROCESS, [Wish(window, 10, 9_000)], NOON, NOON) == {window: 490}


async def test_refusals_of_one_kind_in_one_minute_take_one_place(database: Database, own: Journal) -> None:
    folder = Folder(database, own, PROCESS)
    organisation, member = new_id(), new_id()
    for second in range(50):
        at = NOON + timedelta(seconds=second % 29)
        folder.refuse(Refusal(at, organisation, None, member, None, None, None, "budget_exceeded"))
    assert len(folder._refusals) == 1  # pyright: ignore[reportPrivateUsage] - that it does not grow is the point
    await folder.fold()
    assert [row["attempts"] for row in await sums(database, "minute", "budget_exceeded")] == [50]


async def test_who_folds_while_a_fold_is_under_way_waits_for_it(database: Database, own: Journal) -> None:
    folder = Folder(database, own, PROCESS)
    intent = an_intent()
    own.write(intent)
    own.write(a_settlement(intent))
    first = asyncio.create_task(folder.fold())
    await asyncio.sleep(0)
    assert await folder.fold() == 0
    assert len(await rows(database)) == 1
    assert await first == 1


async def test_a_segment_that_was_filled_during_a_fold_is_kept_until_it_is_folded_too(
    database: Database, own: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelhall.storage.journal.SEGMENT_BYTES", 2_000)
    folder, written = Folder(database, own, PROCESS), fold.write_entries
    later: list[Intent] = []

    async def while_calls_go_on(*args: object, **options: object) -> object:
        for _ in range(20):
            later.append(intent := an_intent())
            own.write(intent)
            own.write(a_settlement(intent))
        return await written(*args, **options)  # type: ignore[arg-type]

    own.write(first := an_intent())
    own.write(a_settlement(first))
    with monkeypatch.context() as within:
        within.setattr(fold, "write_entries", while_calls_go_on)
        assert await folder.fold() == 1
    assert {record.id for record in read_folder(own.folder)} >= {intent.id for intent in later}
    assert await folder.fold() == 20
    assert sorted(path.name for path in own.folder.glob("*.log"))[0] == f"{own.segment:06d}.log"


async def test_what_may_have_been_committed_is_looked_for_however_it_is_cut_into_batches(
    database: Database, own: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = await a_window(database, 10_000)
    await allow(database, window, 2_000)
    monkeypatch.setattr(fold, "BATCH", 4)
    folder, written = Folder(database, own, PROCESS), fold.write_entries
    intents = [an_intent(window) for _ in range(8)]
    for intent in intents:
        own.write(intent)
    assert await folder.fold() == 0
    for intent in intents:
        own.write(a_settlement(intent, charge=60))

    async def committed_but_lost(connection: AsyncConnection, *args: object, **options: object) -> int:
        await written(connection, *args, **options)  # type: ignore[arg-type]
        await connection.commit()
        raise DatabaseUnavailable("the answer to the commit was lost")

    with monkeypatch.context() as within:
        within.setattr(fold, "write_entries", committed_but_lost)
        with pytest.raises(DatabaseUnavailable):
            await folder.fold()
    await folder.fold()
    assert len(await rows(database)) == 8
    assert await state_of(database, window) == (480, 1_520, 1_520)


async def test_attempts_of_every_kind_in_one_batch_keep_all_their_values(database: Database, own: Journal) -> None:
    intents = [an_intent(bound=None if n % 3 else n) for n in range(300)]
    for n, intent in enumerate(intents):
        own.write(intent)
        settled = a_settlement(intent, charge=None if n % 5 else n)
        changes = {"usage": {USAGE_CLASSES[n % 16]: n}, "flaw": "odd" if n % 2 else None, "receipt": {"n": str(n)}}
        own.write(msgspec.structs.replace(settled, **changes))
    assert await Folder(database, own, PROCESS).fold() == 300
    by_id = {row["id"]: row for row in await rows(database)}
    for n, intent in enumerate(intents):
        row = by_id[intent.id]
        assert {name: row[name] for name in USAGE_CLASSES if row[name] is not None} == {USAGE_CLASSES[n % 16]: n}
        assert (row["bound"], row["charge"]) == (None if n % 3 else n, None if n % 5 else n)
        assert (row["flaw"], row["receipt"], row["windows"]) == ("odd" if n % 2 else None, {"n": str(n)}, [])
        assert (row["streamed"], row["estimated"], row["started_at"]) == (True, False, NOON)


def test_every_column_of_the_ledger_has_its_place_in_a_record() -> None:
    fields = {*Intent.__struct_fields__, *Settled.__struct_fields__} - {"usage", "started_us"}
    assert fields | {"started_at", *USAGE_CLASSES} == set(attempts.c.keys())


async def test_what_a_member_named_last_is_kept_but_not_what_failed_or_nobody_chose(
    database: Database, own: Journal
) -> None:
    folder, member, house = Folder(database, own, PROCESS), new_id(), new_id()

    async def used(*, after_s: int, status: str = "ok", asked: str = "mock/small") -> str:
        intent = an_intent(organisation_id=house)
        started = intent.started_us + after_s * 1_000_000
        intent = msgspec.structs.replace(intent, member_id=member, asked=asked, started_us=started)
        own.write(intent)
        own.write(msgspec.structs.replace(a_settlement(intent), status=status))
        await folder.fold()
        return intent.model_id

    async def last() -> str | None:
        async with database.read() as connection:
            return (await last_used.of_members(connection, [house])).get(member)

    first = await used(after_s=0)
    assert await last() == first
    await used(after_s=1, status="failed")
    await used(after_s=2, asked="default")
    assert await last() == first
    second = await used(after_s=3)
    await used(after_s=-9)
    assert await last() == second, "an earlier one that is folded late changes nothing"


async def test_what_another_process_saw_later_stays(database: Database, own: Journal) -> None:
    member, house, model = new_id(), new_id(), new_id()
    later = last_used.Use(house, model, 2_000_000)
    async with database.write() as connection:
        await last_used.write(connection, {member: later})
        await last_used.write(connection, {member: last_used.Use(house, new_id(), 1_000_000)})
        assert await last_used.of_members(connection, [house]) == {member: model}
