"""The benchmark runs: a short round gives figures for a direct call and for us, and our books agree with them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

ALWAYS = ("c1_us", "c64_rps", "streams_s", "big_rps", "half_p50_us")
OF_A_GATEWAY = ("memory_mb", "start_s")


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a quick run prints, and the folder of its result."""
    folder = tmp_path_factory.mktemp("result")
    command = [sys.executable, str(ROOT / "bench" / "run.py"), "--quick", "--only", "direct,modelhall"]
    done = subprocess.run(
        [*command, "--out", str(folder)], capture_output=True, text=True, timeout=240, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


def test_a_quick_run_gives_figures_for_a_direct_call_and_for_us(quick: tuple[str, Path]) -> None:
    (result,) = quick[1].glob("*.json")
    told = json.loads(result.read_text())
    assert told["trouble"] == []
    direct, ours = told["candidates"]
    assert (direct["name"], ours["name"]) == ("direct", "modelhall")
    for candidate, figures in ((direct, ALWAYS), (ours, ALWAYS + OF_A_GATEWAY)):
        assert {name: candidate["median"][name] for name in figures if not (candidate["median"][name] or 0) > 0} == {}
    assert ours["median"]["c1_us"] > direct["median"]["c1_us"]


def test_the_table_shows_a_row_for_each_and_the_ratio(quick: tuple[str, Path]) -> None:
    printed = quick[0]
    assert "| no gateway " in printed
    assert "| modelhall 0." in printed
    assert "| modelhall / direct " in printed
    assert "fails" not in printed


def test_every_call_of_a_run_is_in_our_ledger(quick: tuple[str, Path]) -> None:
    assert ": every call is in its ledger" in quick[0]


def test_a_result_names_no_place_of_the_machine(quick: tuple[str, Path]) -> None:
    written = "".join(path.read_text() for path in quick[1].iterdir())
    assert str(ROOT) not in written
    assert str(Path.home()) not in written
