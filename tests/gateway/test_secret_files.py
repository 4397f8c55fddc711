"""Keys in files: below the folder and nowhere else, and read again when they change."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from modelhall.gateway.secret_files import LARGEST, SecretFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The operator's folder, with a key in it and one beside it."""
    inside = tmp_path / "secrets"
    inside.mkdir()
    (inside / "key").write_text("sk-inside\n")
    (tmp_path / "outside").write_text("sk-outside")
    return inside


def test_a_file_below_the_folder_is_read_without_its_line_end(folder: Path) -> None:
    (folder / "team").mkdir()
    (folder / "team" / "key").write_text("  sk-team  \nsecond line")
    files = SecretFiles(folder)
    assert (files.read("key"), files.read("team/key"), files.read("./key")) == ("sk-inside", "sk-team", "sk-inside")


def test_nothing_leads_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "up").symlink_to(tmp_path)
    (folder / "far").symlink_to("/")
    files = SecretFiles(folder)
    for name in ("../outside", "link", "up/outside", "far/etc/hostname", "x/../../outside", "up/secrets/../outside"):
        assert files.read(name) is None, name
    assert files.read(str(tmp_path / "outside")) == "sk-outside", "an absolute name is the operator's"


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    """As Kubernetes mounts secrets."""
    (folder / "..2026").mkdir()
    (folder / "..2026" / "mounted").write_text("sk-mounted")
    (folder / "..data").symlink_to("..2026")
    (folder / "mounted").symlink_to("..data/mounted")
    assert SecretFiles(folder).read("mounted") == "sk-mounted"


def test_what_is_no_key_is_nothing(folder: Path) -> None:
    (folder / "empty").write_text("\n")
    (folder / "large").write_text("x" * (LARGEST + 1))
    (folder / "odd").write_bytes(b"\xff\xfe")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    files = SecretFiles(folder)
    assert [files.read(name) for name in ("empty", "large", "odd", "folder", "pipe", "none")] == [None] * 6
    assert SecretFiles().read("key") is None, "without a folder no name leads anywhere"


def test_a_change_is_told_once(folder: Path) -> None:
    files = SecretFiles(folder)
    assert files.read("key") == "sk-inside"
    assert files.read("later") is None
    assert files.changed() == []
    (folder / "key").write_text("sk-another")
    (folder / "later").write_text("sk-later")
    assert sorted(files.changed()) == ["key", "later"]
    assert files.changed() == []
    assert files.read("later") == "sk-later"
    (folder / "later").unlink()
    assert files.changed() == ["later"]


async def test_somebody_is_told_within_two_seconds(folder: Path) -> None:
    files, told = SecretFiles(folder), asyncio.Event()
    files.read("key")
    async with files.watched(told.set):
        (folder / "key").write_text("sk-another")
        await asyncio.wait_for(told.wait(), 5)
