"""A backup is a whole file or none; a restore needs an empty place and no server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command, FakeHouse, said


def test_a_backup_is_written_for_its_owner_only(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("POST /api/v1/backup?with_key=false", b"archive" * 100_000)
    file = tmp_path / "backup"
    ended = modelhall("backup", str(file), "--json")
    assert ended.json == {"file": str(file), "bytes": 700_000, "with_key": False}
    assert file.read_bytes() == b"archive" * 100_000
    assert file.stat().st_mode & 0o077 == 0


def test_a_backup_with_the_key_says_that_it_must_be_kept_like_a_password(
    fake: FakeHouse, modelhall: Command, tmp_path: Path
) -> None:
    fake.on("POST /api/v1/backup?with_key=true", b"archive")
    assert "master key is in it" in modelhall("backup", str(tmp_path / "b"), "--with-key").err


def test_a_backup_does_not_overwrite(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("POST /api/v1/backup", b"archive")
    (tmp_path / "b").write_text("older")
    assert modelhall("backup", str(tmp_path / "b")).code == 1
    assert (tmp_path / "b").read_text() == "older"


def test_a_backup_that_breaks_off_leaves_nothing(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("POST /api/v1/backup", b"arch", Content_Length="1000")
    assert modelhall("backup", str(tmp_path / "b")).code == 3
    assert [file.name for file in tmp_path.iterdir()] == ["data"]


def test_a_backup_that_is_refused_leaves_nothing(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.refuse("POST /api/v1/backup", 503, "master_key_mismatch", "the master key is not this database's")
    assert modelhall("backup", str(tmp_path / "b"), "--with-key").code == 1
    assert [file.name for file in tmp_path.iterdir()] == ["data"]


def test_nothing_is_restored_under_a_running_server(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("x")
    ended = modelhall("restore", str(tmp_path / "b"))
    assert ended.code == 1
    assert "stop it" in ended.err


@pytest.mark.parametrize(("content", "told"), [(None, "There is no file"), (b"no archive", "")])
def test_what_is_no_backup_is_refused(
    content: bytes | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "b").write_bytes(content)
    ended = said(capsys, ["restore", str(tmp_path / "b"), "--data", str(tmp_path / "fresh")])
    assert ended.code == 1
    assert told in ended.err
    assert "Traceback" not in ended.err
