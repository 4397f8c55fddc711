"""A segment of the journal, in memory or written: both read alike, and a full disk is an error like any other."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from modelhall.storage import segment
from modelhall.storage.datadir import file_system_of
from modelhall.storage.journal import Intent, read_segment
from modelhall.storage.segment import FRAME, MAGIC, Appended, Mapped, Segment, can_be_mapped, open_segment
from tests.storage.ledger_seeds import an_intent

ROOM = 64 * 1024


def bytes_of(intent: Intent) -> bytes:
    return msgspec.msgpack.encode(intent)


def refusing(code: int) -> Callable[..., int]:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.mark.parametrize("mapped", [True, False])
def test_a_record_can_be_read_as_soon_as_it_was_added(tmp_path: Path, mapped: bool) -> None:
    path = tmp_path / "000001.log"
    written = [an_intent() for _ in range(20)]
    made = open_segment(path, ROOM, mapped=mapped)
    for count, intent in enumerate(written, start=1):
        made.append(bytes_of(intent))
        assert list(read_segment(path)) == written[:count]
    made.sync()
    made.close()
    assert list(read_segment(path)) == written
    assert path.stat().st_size == len(MAGIC) + sum(FRAME.size + len(bytes_of(intent)) for intent in written)


def test_room_is_taken_beforehand_where_it_is_kept(tmp_path: Path) -> None:
    if not can_be_mapped(tmp_path):
        pytest.skip(f"segments are written on {file_system_of(tmp_path) or 'this file system'}")
    made = open_segment(tmp_path / "000001.log", ROOM, mapped=True)
    assert isinstance(made, Mapped)
    assert (tmp_path / "000001.log").stat().st_blocks * 512 >= ROOM
    made.close()


@pytest.mark.parametrize("mapped", [True, False])
def test_a_full_disk_is_told_when_a_segment_is_made_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped: bool
) -> None:
    monkeypatch.setattr(os, "posix_fallocate", refusing(errno.ENOSPC))
    monkeypatch.setattr(os, "write", refusing(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        open_segment(tmp_path / "000001.log", ROOM, mapped=mapped)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS])
def test_where_no_room_can_be_taken_beforehand_records_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "posix_fallocate", refusing(code))
    made = open_segment(tmp_path / "000001.log", ROOM, mapped=True)
    assert isinstance(made, Appended)
    made.append(bytes_of(intent := an_intent()))
    assert list(read_segment(tmp_path / "000001.log")) == [intent]
    made.close()


@pytest.mark.parametrize(("kind", "expected"), [("ext4", True), ("btrfs", False), ("zfs", False), ("overlay", False)])
def test_only_a_file_system_that_writes_in_place_is_trusted_with_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, expected: bool
) -> None:
    monkeypatch.setattr(segment, "file_system_of", lambda _: kind)
    monkeypatch.setattr("sys.platform", "linux")
    assert can_be_mapped(tmp_path) is expected


def written_segment(path: Path) -> Segment:
    made = open_segment(path, ROOM, mapped=False)
    made.append(bytes_of(an_intent()))
    return made


def test_half_a_record_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, path = os.write, tmp_path / "000001.log"
    made = written_segment(path)
    with monkeypatch.context() as within:
        within.setattr(os, "write", lambda file, data: write(file, data[:20]))
        with pytest.raises(OSError, match="disk is full"):
            made.append(bytes_of(an_intent()))
    made.append(bytes_of(an_intent()))
    assert len(list(read_segment(path))) == 2
    made.close()


def test_nothing_follows_half_a_record_that_could_not_be_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, path = os.write, tmp_path / "000001.log"
    made = written_segment(path)
    with monkeypatch.context() as within:
        within.setattr(os, "write", lambda file, data: write(file, data[:20]))
        within.setattr(os, "ftruncate", refusing(errno.EIO))
        with pytest.raises(OSError, match="Input/output"):
            made.append(bytes_of(an_intent()))
    assert made.left == 0
    assert len(list(read_segment(path))) == 1
    made.close()
