"""The data directory: closed to others, held by one server, and named when it would be lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from modelhall.domain.errors import SetupError
from modelhall.storage.datadir import (
    lock_data_dir,
    prepare_data_dir,
    refuse_several_on_old_sqlite,
    temporary_file_system,
)
from modelhall.storage.sqlite import SAFE_WITH_MANY_WRITERS, version_in_use

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:21 / /tmp rw,nosuid - tmpfs tmpfs rw
24 23 8:2 / /tmp/kept rw - ext4 /dev/sdb1 rw
25 22 0:30 / /srv/with\\040blank rw - tmpfs tmpfs rw
26 22 8:3 / /over rw - ext4 /dev/sdc rw
27 22 0:31 / /over rw - tmpfs tmpfs rw
"""


def test_a_new_directory_is_for_its_owner_only(tmp_path: Path) -> None:
    prepare_data_dir(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_an_empty_or_own_directory_is_closed_to_others(tmp_path: Path) -> None:
    for name, marks in (("empty", ()), ("own", ("lock",))):
        folder = tmp_path / name
        folder.mkdir(mode=0o755)
        for mark in marks:
            (folder / mark).touch()
        prepare_data_dir(folder)
        assert folder.stat().st_mode & 0o777 == 0o700


def test_an_open_directory_with_other_things_in_it_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letters").touch()
    with pytest.raises(SetupError, match=f"chmod 700 {folder}"):
        prepare_data_dir(folder)
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SetupError, match="--data"):
            prepare_data_dir(path)


def test_a_held_directory_is_refused_with_who_holds_it_and_free_after_a_crash(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time\n"
        "from modelhall.storage.datadir import lock_data_dir\n"
        "with lock_data_dir(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(SetupError, match=f"in use by process {holder.pid}"), lock_data_dir(tmp_path):
            pass
        holder.kill()
    with lock_data_dir(tmp_path):
        pass
    with lock_data_dir(tmp_path):
        pass


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/modelhall", None),
        ("/tmp/modelhall", "tmpfs"),
        ("/tmp/kept/modelhall", None),
        ("/tmpx", None),
        ("/srv/with blank/x", "tmpfs"),
        ("/over/x", "tmpfs"),
    ],
)
def test_a_temporary_file_system_is_named(folder: str, kind: str | None) -> None:
    assert temporary_file_system(Path(folder), MOUNTS) == kind


def test_the_mounts_of_this_machine_can_be_read(tmp_path: Path) -> None:
    assert temporary_file_system(tmp_path) in {None, "tmpfs", "ramfs"}


def test_the_sqlite_in_use_is_safe_for_several_processes() -> None:
    assert version_in_use() >= SAFE_WITH_MANY_WRITERS
    refuse_several_on_old_sqlite(4)


def test_several_processes_on_an_old_sqlite_are_refused_with_the_ways_out() -> None:
    refuse_several_on_old_sqlite(1, (3, 40, 1))
    with pytest.raises(SetupError, match=r"SQLite 3\.40\.1 .* 3\.51\.3 is needed.*--workers 1.*DATABASE_URL"):
        refuse_several_on_old_sqlite(2, (3, 40, 1))
