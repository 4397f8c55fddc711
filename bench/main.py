"""The run as a whole: which candidates, how long, in which order, and where the result goes."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import table
from bench.candidates import DIRECT, MODELHALL, NGINX, Candidate, Launch, modelhall_of
from bench.instruments import BUILD, Place, compile_tools, upstream
from bench.machine import describe, split_cores
from bench.measure import FULL, QUICK, Pace, Round, growth_mb, measure
from bench.peers import PEERS
from bench.processes import BenchError

RESULTS = Path(__file__).resolve().parent / "results"
# Nothing of a run may outlive it: three rounds of all candidates take about eight minutes.
LONGEST_S = 45 * 60
AGAINST_HELP = "also measure the program of another checkout, named by its folder; may be given several times"


def main(words: Sequence[str]) -> int:
    """Run what the words ask for; 0 when every candidate could be measured, 1 when something stopped the run."""
    wishes = parser().parse_args(words)
    try:
        report = run(wishes)
    except BenchError as error:
        print(f"The benchmark stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing was written.", file=sys.stderr)
        return 130
    print(report.text)
    folder = wishes.out or (None if wishes.quick else RESULTS)
    if folder is not None:
        save(report, folder)
    return 0


def parser() -> argparse.ArgumentParser:
    """The words that the command takes."""
    made = argparse.ArgumentParser(prog="bench/run.py", description=__doc__)
    made.add_argument("--quick", action="store_true", help="one short round, to see that it works; not for figures")
    made.add_argument("--peers", action="store_true", help="other gateways too, each in its own environment")
    made.add_argument("--only", metavar="NAMES", help="only these candidates, with commas: direct,nginx,modelhall,…")
    made.add_argument("--against", metavar="CHECKOUT", type=Path, action="append", help=AGAINST_HELP)
    made.add_argument("--rounds", type=int, choices=range(1, 10), metavar="1-9", help="rounds instead of three")
    made.add_argument("--out", metavar="FOLDER", type=Path, help="where the result goes; otherwise bench/results")
    return made


def run(wishes: argparse.Namespace) -> table.Report:
    """Measure all chosen candidates in turn. Raises BenchError with what to do next."""
    candidates = chosen(wishes)
    pace = QUICK if wishes.quick else FULL
    rounds = wishes.rounds or pace.rounds
    cores = split_cores()
    with one_run_at_a_time(refuse=not wishes.quick), work_folder() as work:
        os.sched_setaffinity(0, cores.generator)
        tools = compile_tools()
        with upstream(tools, cores, work) as port:
            place = Place(work, port, cores, tools)
            measured = in_turn(candidates, place, pace, rounds)
            notes = proofs(candidates, measured)
            grown(measured, place, pace)
    return table.report(
        rows=[table.Row(candidate.name, title, tuple(done)) for candidate, title, done, _ in measured],
        machine=describe(cores),
        pace=asdict(pace) | {"rounds": rounds, "quick": wishes.quick},
        notes=notes,
    )


def chosen(wishes: argparse.Namespace) -> list[Candidate]:
    """The candidates of this run, in the order of the table."""
    known = [DIRECT, NGINX, MODELHALL]
    known += [modelhall_of(checkout.resolve(), checkout.resolve().name) for checkout in wishes.against or ()]
    if wishes.peers or wishes.only:
        known += PEERS
    if len({candidate.name for candidate in known}) < len(known):
        raise BenchError("two candidates have the same name; give the checkout of --against another folder name")
    if not wishes.only:
        return known
    names = [name.strip() for name in wishes.only.split(",")]
    unknown = set(names) - {candidate.name for candidate in known}
    if unknown:
        raise BenchError(f"--only knows {', '.join(one.name for one in known)}; not {', '.join(sorted(unknown))}")
    return [candidate for candidate in known if candidate.name in names]


Measured = tuple[Candidate, str, list[Round], Launch]


def in_turn(candidates: list[Candidate], place: Place, pace: Pace, rounds: int) -> list[Measured]:
    """Prepare every candidate, then measure one after the other, each round beginning with the next one."""
    measured: list[Measured] = []
    for candidate in candidates:
        tell(f"preparing {candidate.name}")
        launch = candidate.prepare(place)
        measured.append((candidate, candidate.title(launch), [], launch))
    for number in range(rounds):
        start = number % len(measured)
        for candidate, _, done, launch in measured[start:] + measured[:start]:
            tell(f"round {number + 1} of {rounds}: {candidate.name}")
            done.append(measure(launch, place, pace))
    return measured


def proofs(candidates: list[Candidate], measured: list[Measured]) -> list[str]:
    """What the candidates that keep books say of the calls they were given."""
    return [
        candidate.proof(launch, sum(one.calls for one in done))
        for candidate, _, done, launch in measured
        if candidate in candidates and candidate.proof is not None
    ]


def grown(measured: list[Measured], place: Place, pace: Pace) -> None:
    """Looks once at how the memory of those grows that keep books: they are what the aim is for."""
    for candidate, _, done, launch in measured:
        if candidate.proof is not None:
            tell(f"memory of {candidate.name}")
            grown_mb = growth_mb(launch, place, *pace.growth)
            for one in done:  # measured once, for all rounds
                one.figures["growth_mb"] = grown_mb


def save(report: table.Report, folder: Path) -> None:
    """Write the result as a page for people and as JSON for programs; a second one of a day gets a number."""
    folder.mkdir(parents=True, exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    names = (f"{day}{suffix}" for suffix in ("", *(f"-{number}" for number in range(2, 1000))))
    name = next(name for name in names if not (folder / f"{name}.json").exists())
    (folder / f"{name}.md").write_text(f"# Benchmark of {name}\n\n{report.text}\n", encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(report.data, indent=1) + "\n", encoding="utf-8")
    tell(f"written: {name}.md and {name}.json in {folder.name}/")


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for this run's configurations, data and logs, on the disk of the checkout; removed at the end."""
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=BUILD))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def one_run_at_a_time(*, refuse: bool) -> Iterator[None]:
    """Two runs at once would only measure each other. A quick one measures nothing and does not mind."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        if refuse:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BenchError("another benchmark is running here; wait until it is done") from error
        yield


def end_in_time() -> None:
    """From now on this program ends by itself, and stops what it started also when it is told to end."""
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST_S)


def stop(signum: int, _frame: object) -> None:
    """End the run; what it started is stopped on the way out."""
    if signum == signal.SIGALRM:
        raise BenchError(f"it took longer than {LONGEST_S // 60} minutes")
    sys.exit(128 + signum)


def tell(text: str) -> None:
    """Say how far the run is."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    end_in_time()
    sys.exit(main(sys.argv[1:]))
