"""The result for people and programs: medians, the table, ratios, and how far the aims are met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import Any

from bench.measure import Round

OURS = "modelhall"


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of the table."""

    figure: str
    heading: str
    digits: int
    more_is_better: bool


MAIN = (
    Column("c1_us", "c1 p50 µs", 0, more_is_better=False),
    Column("c64_rps", "c64 req/s", 0, more_is_better=True),
    Column("cpu_us", "CPU µs/req", 0, more_is_better=False),
    Column("streams_s", "streams/s", 0, more_is_better=True),
    Column("cpu_ms_stream", "CPU ms/stream", 3, more_is_better=False),
    Column("big_rps", "big req/s", 0, more_is_better=True),
    Column("memory_mb", "MB after load", 0, more_is_better=False),
    Column("start_s", "start s", 2, more_is_better=False),
)
BESIDE = (
    Column("c64_p99_us", "c64 p99 µs", 0, more_is_better=False),
    Column("half_rps", "fixed rate req/s", 0, more_is_better=True),
    Column("half_p50_us", "p50 µs at it", 0, more_is_better=False),
    Column("half_p99_us", "p99 µs at it", 0, more_is_better=False),
    Column("others_percent", "others on its core %", 1, more_is_better=False),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate with all its rounds."""

    name: str
    title: str
    rounds: tuple[Round, ...]

    def figure(self, name: str) -> float | None:
        """The median of the rounds; `None` when a round could not give it."""
        told = [one.figures.get(name) for one in self.rounds]
        known = [figure for figure in told if figure is not None]
        return median(known) if known and len(known) == len(told) else None

    def shown(self, column: Column) -> str:
        """The figure as the table shows it: `fails` when calls went wrong, a dash when there is nothing to measure."""
        figure = self.figure(column.figure)
        if figure is not None:
            return f"{figure:,.{column.digits}f}"
        return "fails" if any(column.figure in one.figures for one in self.rounds) else "–"


@dataclass(frozen=True, slots=True)
class Aim:
    """What the project aims for on a machine like the one its aims were written for."""

    words: str
    bound: float
    more_is_better: bool
    value: Callable[[Row, Mapping[str, Row]], float | None]

    def shown(self, row: Row, rows: Mapping[str, Row]) -> tuple[str, str, str]:
        """The aim, what it is now, and whether that is enough."""
        value = self.value(row, rows)
        if value is None:
            return self.words, "–", "not measured"
        met = value >= self.bound if self.more_is_better else value <= self.bound
        return self.words, f"{value:,.3g}" if value < 10 else f"{value:,.0f}", "met" if met else "missed"


def figure_of(name: str) -> Callable[[Row, Mapping[str, Row]], float | None]:
    """The figure itself."""
    return lambda row, _: row.figure(name)


def times_nginx(name: str) -> Callable[[Row, Mapping[str, Row]], float | None]:
    """The figure as a multiple of nginx's."""
    return lambda row, rows: divided(row, rows["nginx"], name) if "nginx" in rows else None


def added_us(row: Row, rows: Mapping[str, Row]) -> float | None:
    """What the gateway adds to a single caller's waiting."""
    own, direct = row.figure("c1_us"), rows["direct"].figure("c1_us") if "direct" in rows else None
    return None if own is None or direct is None else own - direct


def added_times_nginx(row: Row, rows: Mapping[str, Row]) -> float | None:
    """The same as a multiple of what nginx adds."""
    own, theirs = added_us(row, rows), added_us(rows["nginx"], rows) if "nginx" in rows else None
    return own / theirs if own is not None and theirs else None


AIMS = (
    Aim("c64 ≥ 0.115 × nginx", 0.115, True, times_nginx("c64_rps")),
    Aim("CPU ≤ 110 µs per request", 110, False, figure_of("cpu_us")),
    Aim("streams ≥ 0.35 × nginx", 0.35, True, times_nginx("streams_s")),
    Aim("adds ≤ 2.2 × what nginx adds to one caller", 2.2, False, added_times_nginx),
    Aim("memory grows ≤ 2 MB over 200,000 requests after 20,000", 2, False, figure_of("growth_mb")),
    Aim("memory ≤ 120 MB", 120, False, figure_of("memory_mb")),
    Aim("start to first answer ≤ 1.5 s", 1.5, False, figure_of("start_s")),
    Aim("goal: c64 ≥ 0.6 × nginx", 0.6, True, times_nginx("c64_rps")),
    Aim("goal: streams ≥ 1.2 × nginx", 1.2, True, times_nginx("streams_s")),
    Aim("goal: CPU ≤ 25 µs per request", 25, False, figure_of("cpu_us")),
    Aim("goal: adds ≤ 100 µs to one caller", 100, False, added_us),
    Aim("goal: memory ≤ 100 MB", 100, False, figure_of("memory_mb")),
    Aim("goal: start to first answer ≤ 0.8 s", 0.8, False, figure_of("start_s")),
)


@dataclass(frozen=True, slots=True)
class Report:
    """The same result twice."""

    text: str
    data: dict[str, Any]


def report(rows: Sequence[Row], machine: Mapping[str, str], pace: Mapping[str, Any], notes: Iterable[str]) -> Report:
    """The result of a run."""
    by_name = {row.name: row for row in rows}
    ours = by_name.get(OURS)
    others = [row for row in rows if row is not ours]
    notes = list(notes)
    trouble = sorted({f"{row.name}: {words}" for row in rows for one in row.rounds for words in one.trouble})
    parts = [
        ", ".join(f"{name}: {value}" for name, value in machine.items()),
        f"{pace['rounds']} round(s), medians" + ("; a quick run: the figures mean nothing" if pace["quick"] else ""),
        main_table(rows),
        beside_table(rows),
        ratio_table(ours, others) if ours else "",
        aim_table(ours, by_name) if ours else "",
        "\n".join(f"- {note}" for note in [*notes, *trouble]),
    ]
    data: dict[str, Any] = {
        "machine": dict(machine),
        "pace": dict(pace),
        "candidates": [data_of(row) for row in rows],
        "ratios": {row.name: ratios(ours, row) for row in others} if ours else {},
        "notes": notes,
        "trouble": trouble,
    }
    return Report("\n\n".join(part for part in parts if part), data)


def main_table(rows: Iterable[Row]) -> str:
    """The table as it is compared everywhere."""
    return markdown(
        ["gateway", *(column.heading for column in MAIN)],
        [[row.title, *(row.shown(column) for column in MAIN)] for row in rows],
    )


def beside_table(rows: Iterable[Row]) -> str:
    """Waiting under load and at half of a candidate's own full rate, and how much the machine was shared."""
    return markdown(
        ["gateway", *(column.heading for column in BESIDE)],
        [[row.title, *(row.shown(column) for column in BESIDE)] for row in rows],
    )


def ratio_table(ours: Row, others: Iterable[Row]) -> str:
    """Ours over theirs."""
    lines: list[list[str]] = []
    for other in others:
        values = (ratios(ours, other)[column.figure] for column in MAIN)
        lines.append([f"{OURS} / {other.name}", *("–" if value is None else f"{value:,.3g}" for value in values)])
    headings = (f"{column.heading} {'↑' if column.more_is_better else '↓'}" for column in MAIN)
    return markdown(["ratio (↑ more is better, ↓ less is better)", *headings], lines)


def aim_table(ours: Row, rows: Mapping[str, Row]) -> str:
    """How far the aims are met."""
    return markdown(["aim", "now", ""], [list(aim.shown(ours, rows)) for aim in AIMS])


def ratios(ours: Row, other: Row) -> dict[str, float | None]:
    """Ours over theirs for every figure that both have."""
    return {column.figure: divided(ours, other, column.figure) for column in MAIN}


def divided(ours: Row, other: Row, name: str) -> float | None:
    """One figure of ours over theirs."""
    mine, theirs = ours.figure(name), other.figure(name)
    return mine / theirs if mine is not None and theirs else None


def data_of(row: Row) -> dict[str, Any]:
    """A candidate for programs."""
    names = dict.fromkeys(chain.from_iterable(one.figures for one in row.rounds))
    return {
        "name": row.name,
        "title": row.title,
        "median": {name: rounded(row.figure(name)) for name in names},
        "rounds": [{name: rounded(figure) for name, figure in one.figures.items()} for one in row.rounds],
        "calls": sum(one.calls for one in row.rounds),
    }


def rounded(figure: float | None) -> float | None:
    """No more digits than the measurement has."""
    return None if figure is None else float(f"{figure:.5g}")


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table whose columns also stand below each other on a terminal; figures to the right."""
    widths = [max(len(line[number]) for line in [headings, *lines]) for number in range(len(headings))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    made = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in [headings, rule, *lines]
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in made)
