"""`make` is the one list of commands: each is described, and set-up does a thing once and says what is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import docs, setup
from tests.house.tree import ROOT

NAMES_THAT_STAY = frozenset(
    {"setup", "run", "test", "check", "accept", "bench", "bench-peers", "catalog", "fuzz", "ui", "wheel", "clean"}
)


def test_every_command_is_there_and_described() -> None:
    told = ask_make("help")
    assert told.returncode == 0
    described = set(re.findall(r"^  make ([\w-]+) +\S", told.stdout, re.MULTILINE))
    assert NAMES_THAT_STAY - described == set()


@pytest.mark.parametrize("name", ["ui"])
def test_a_command_that_comes_later_says_so(name: str) -> None:
    asked = ask_make(name)
    assert asked.returncode != 0
    assert f"make {name} is reserved" in asked.stderr


def ask_make(target: str) -> subprocess.CompletedProcess[str]:
    """What `make target` says."""
    return subprocess.run(["make", "-s", target], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_build_machine_runs_what_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text()
    assert os.access(script, os.X_OK)


def test_a_part_is_done_again_only_when_its_input_changed(tmp_path: Path) -> None:
    stamp = setup.Stamp("lock", tmp_path / "stamps")
    assert not stamp.is_current("one")
    stamp.set("one")
    assert stamp.is_current("one")
    assert not stamp.is_current("two")


def test_a_missing_package_is_named_to_whoever_may_not_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "apt-get"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(setup.CannotGoOn, match="sudo apt-get install postgresql chromium"):
        setup.need(
            ((("no-such-initdb",), "", ("postgresql",)), (("no-such-browser",), "", ("chromium",))),
            "The tests need",
            root=False,
        )


def test_a_system_without_apt_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(setup.CannotGoOn, match="Install what your system calls: nginx"):
        setup.need(((("no-such-nginx",), "", ("nginx",)),), "The benchmark needs")


def test_a_program_that_is_there_is_not_installed() -> None:
    setup.need(((("sh",), "", ("nothing",)), (("no-such-program",), "/bin/s*", ("nothing",))), "The tests need")


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(["everything"]) == 2
    assert "runtime" in capsys.readouterr().err


def test_a_virtual_environment_that_was_moved_is_made_anew(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    for part in ("bin/python", "lib", "pyvenv.cfg"):
        (venv / part).symlink_to(Path(sys.prefix) / part)
    (venv / "bin" / "pip").write_text("#!/some/other/place/.venv/bin/python\n")
    assert not setup.venv_works(venv)
    (venv / "bin" / "pip").write_text(f"#!{venv}/bin/python\n")
    assert setup.venv_works(venv)


def test_an_old_python_is_refused_with_advice(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    asked = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "python.sh"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.stdout.strip() == "false"
    assert "needs Python 3.11 or newer" in asked.stderr


def test_a_page_that_is_not_fresh_is_named_and_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "errors.md"
    assert not docs.put(page, "new", check=True)
    assert not page.exists()
    assert docs.put(page, "new", check=False)
    assert docs.put(page, "new", check=True)


def test_a_table_survives_its_own_signs() -> None:
    assert docs.table(("a",), [["x | y\nz"]]).endswith("| x \\| y z |")
