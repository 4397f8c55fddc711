"""Inputs that `make fuzz` found something wrong with are read again in every run, and nothing is wrong any more."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fuzz.engine import CORPUS, fault_of, main
from tests.fuzz.targets import targets

TARGETS = targets()
FOUND = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_once_is_not_found_again(path: Path) -> None:
    assert fault_of(TARGETS[path.parent.name], path.read_bytes()) is None


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_takes_what_was_recorded(name: str) -> None:
    assert [fault_of(TARGETS[name], seed) for seed in TARGETS[name].seeds] == [None] * len(TARGETS[name].seeds)


def test_a_fault_is_found_made_small_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(data: bytes) -> None:
        assert b"[DONE]" not in data

    found = {"broken": replace(TARGETS["splitter"], run=broken)}
    monkeypatch.setattr("tests.fuzz.engine.CORPUS", tmp_path / "tests" / "dialects" / "fuzz_corpus")
    monkeypatch.setattr("tests.fuzz.engine.targets", lambda: found)
    assert main(["broken", "--seconds", "0.5", "--seed", "1"]) == 1
    (kept,) = tmp_path.glob("**/broken/*")
    assert kept.read_bytes() == b"[DONE]"
    assert "1 faults" in capsys.readouterr().out
    assert main(["no-such"]) == 2
