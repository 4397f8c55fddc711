"""The journal: what was written is read again, what was torn is not, and its owner's death is seen."""

import asyncio
import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modelhall.domain.errors import JournalUnavailable
from modelhall.domain.ids import new_id
from modelhall.storage import journal
from modelhall.storage.journal import abandoned, open_journal, read_folder, read_segment, remove_folder
from tests.storage.ledger_seeds import a_settlement, an_intent


async def test_records_are_read_in_the_order_they_were_written(tmp_path: Path) -> None:
    intents = [an_intent() for _ in range(50)]
    async with open_journal(tmp_path, new_id()) as own:
        for intent in intents:
            own.write(intent)
            own.write(a_settlement(intent))
        expected = [record for _, record in own.take_unfolded()]
        assert list(read_folder(own.folder)) == expected
        assert len(expected) == 100


async def test_the_folder_goes_away_when_everything_was_folded_and_stays_otherwise(tmp_path: Path) -> None:
    async with open_journal(tmp_path, "folded") as own:
        intent = an_intent()
        own.write(intent)
        own.write(a_settlement(intent))
        own.take_unfolded()
    async with open_journal(tmp_path, "left") as own:
        own.write(an_intent())
    assert [folder.name for folder in tmp_path.iterdir()] == ["left"]


async def test_zeros_or_an_end_anywhere_end_the_segment_and_nothing_before_is_lost(tmp_path: Path) -> None:
    async with open_journal(tmp_path, new_id()) as own:
        written = [an_intent() for _ in range(3)]
        for intent in written:
            own.write(intent)
        path = own.folder / "000001.log"
        content = path.read_bytes()
    end = len(content.rstrip(b"\x00"))
    ends = [end for end, _ in _records(content)]
    torn = tmp_path / "torn.log"
    for place in range(end):
        whole = written[: sum(end <= place for end in ends)]
        for rest in (b"", b"\x00" * (len(content) - place)):
            torn.write_bytes(content[:place] + rest)
            found = list(read_segment(torn))
            # The last byte of a record may be a zero itself.
            assert found == whole or (rest and content[place:].startswith(b"\x00") and found[:-1] == whole), place


def _records(content: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """End and length of each record."""
    at = len(journal.MAGIC)
    while length := int.from_bytes(content[at : at + 4], "big"):
        at += 8 + length
        yield at, length


async def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    async with open_journal(tmp_path, new_id()) as own:
        own.write(an_intent())
        own.write(an_intent())
        path = own.folder / "000001.log"
        content = bytearray(path.read_bytes())
        _, (end, _) = _records(content)
        content[end - 20] ^= 1
        path.write_bytes(content)
        assert len(list(read_segment(path))) == 1


async def test_a_full_segment_is_followed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 2_000)
    async with open_journal(tmp_path, new_id()) as own:
        written = [an_intent() for _ in range(40)]
        for intent in written:
            own.write(intent)
        assert own.segment > 3
        assert list(read_folder(own.folder)) == written


async def test_synced_returns_after_an_fsync_that_callers_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (calls.append(file), fsync(file)))
    async with open_journal(tmp_path, new_id()) as own:
        own.write(an_intent())
        await own.synced()
        await own.synced()
        assert len(calls) == 1


async def test_a_living_owner_is_left_alone_and_a_dead_one_is_found(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, sys; from pathlib import Path\n"
        "from modelhall.storage.journal import open_journal\n"
        "from tests.storage.ledger_seeds import an_intent\n"
        "async def main():\n"
        "    async with open_journal(Path(sys.argv[1]), 'dead') as own:\n"
        "        own.write(an_intent()); print('written', flush=True); sys.stdin.read()\n"
        "asyncio.run(main())\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "written\n"
    async with abandoned(tmp_path) as found:
        assert found == []
    child.kill()
    child.wait()
    child.communicate()
    async with abandoned(tmp_path) as found:
        assert [folder.name for folder in found] == ["dead"]
        assert len(list(read_folder(found[0]))) == 1
        remove_folder(found[0])


async def test_a_segment_of_another_format_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "000001.log"
    path.write_bytes(b"MHJL\x00\x00\x00\x09" + b"\x00" * 64)
    assert list(read_segment(path)) == []


async def test_a_disk_that_was_full_at_a_new_segment_is_written_again_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 500)
    async with open_journal(tmp_path, new_id()) as own:
        own.write(an_intent())
        with full_disk(monkeypatch):
            for _ in range(2):
                with pytest.raises(JournalUnavailable, match="No space left"):
                    own.write(an_intent())
        own.write(an_intent())
        assert len(list(read_folder(own.folder))) == 2


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The disk takes nothing more: no room for a segment, no byte of a record."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as within:
        within.setattr(os, "posix_fallocate", full)
        within.setattr(os, "write", full)
        yield


async def test_a_settlement_is_kept_for_folding_when_the_disk_does_not_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 350)
    async with open_journal(tmp_path, new_id()) as own:
        intent = an_intent()
        own.write(intent)
        with full_disk(monkeypatch), pytest.raises(JournalUnavailable):
            own.write(a_settlement(intent))
        assert [type(record).__name__ for _, record in own.take_unfolded()] == ["Intent", "Settled"]


async def test_calls_are_refused_when_too_much_waits_but_settlements_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_UNFOLDED", 2)
    async with open_journal(tmp_path, new_id()) as own:
        intents = [an_intent(), an_intent()]
        for intent in intents:
            own.write(intent)
        with pytest.raises(JournalUnavailable, match="too long"):
            own.write(an_intent())
        for intent in intents:
            own.write(a_settlement(intent))
        assert own.unfolded == 4


async def test_an_attempt_under_way_at_the_end_keeps_the_folder_and_what_comes_late_is_written_nowhere(
    tmp_path: Path,
) -> None:
    async with open_journal(tmp_path, "own") as own:
        intent = an_intent()
        own.write(intent)
        own.take_unfolded()
    other = tmp_path / "other"
    files = [os.open(other, os.O_CREAT | os.O_RDWR) for _ in range(3)]
    with pytest.raises(JournalUnavailable):
        own.write(a_settlement(intent))
    for file in files:
        os.close(file)
    assert other.stat().st_size == 0
    assert list(read_folder(tmp_path / "own")) == [intent]


async def test_a_segment_that_fills_up_while_it_is_made_durable_disturbs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 500)
    fsync, begun = os.fsync, threading.Event()
    synced: list[int] = []

    def slow(file: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            time.sleep(0.1)
            synced.append(file)
        fsync(file)

    monkeypatch.setattr(os, "fsync", slow)
    async with open_journal(tmp_path, new_id()) as own:
        own.write(an_intent())
        waiting = asyncio.create_task(own.synced())
        await asyncio.to_thread(begun.wait)
        for _ in range(3):
            own.write(an_intent())
        await waiting
    assert len(synced) >= 2


async def test_who_waits_for_the_disk_waits_only_for_what_was_written_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync
    calls: list[int] = []

    def slow(file: int) -> None:
        time.sleep(0.02)
        calls.append(file)
        fsync(file)

    async def keep_writing() -> None:
        while True:
            own.write(an_intent())
            await asyncio.sleep(0.001)

    monkeypatch.setattr(os, "fsync", slow)
    async with open_journal(tmp_path, new_id()) as own:
        others = asyncio.create_task(keep_writing())
        async with asyncio.timeout(5):
            await own.synced()
            own.write(an_intent())
            await asyncio.gather(own.synced(), own.synced())
        others.cancel()
        assert len(calls) <= 4
