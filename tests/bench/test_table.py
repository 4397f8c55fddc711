"""The table: medians, what counts as failed, ratios and aims."""

from __future__ import annotations

from bench import table
from bench.measure import Round

PACE = {"rounds": 3, "quick": False}


def row(name: str, *values: float | None, figure: str = "c64_rps") -> table.Row:
    """A candidate with one figure in each round."""
    return table.Row(name, name, tuple(Round({figure: value}) for value in values))


def test_the_figure_is_the_median_of_the_rounds() -> None:
    assert row("ours", 100, 900, 200).figure("c64_rps") == 200


def test_one_failed_round_fails_the_figure() -> None:
    failed = row("ours", 100, None, 200)
    assert failed.figure("c64_rps") is None
    assert failed.shown(table.MAIN[1]) == "fails"


def test_what_was_never_measured_is_a_dash() -> None:
    assert row("direct", 100).shown(table.MAIN[2]) == "–"


def test_ratios_are_ours_over_theirs() -> None:
    told = table.report([row("nginx", 40_000), row("modelhall", 10_000)], {}, PACE, []).data
    assert told["ratios"]["nginx"]["c64_rps"] == 0.25


def test_an_aim_is_met_or_missed_in_its_own_direction() -> None:
    rows = {"modelhall": row("modelhall", 90, figure="cpu_us")}
    shown = [aim.shown(rows["modelhall"], rows)[2] for aim in table.AIMS if "CPU" in aim.words]
    assert shown == ["met", "missed"]


def test_trouble_is_told_below_the_table() -> None:
    bad = table.Row("nginx", "nginx", (Round({"c64_rps": None}, ["json with 64 callers: 3 refused"]),))
    assert "- nginx: json with 64 callers: 3 refused" in table.report([bad], {}, PACE, []).text
