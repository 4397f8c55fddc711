"""Fuzzes the readers of strangers' bytes: `python -m tests.fuzz [TARGET…] [--seconds N] [--seed N]`.

Inputs that reach new lines of the code are kept as seeds of the next ones. One that breaks a promise is made as small
as can be and written to `tests/dialects/fuzz_corpus`, from where every test run plays it again.
"""

import argparse
import hashlib
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import modelhall.dialects
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import Target, targets

CORPUS = Path(__file__).resolve().parents[1] / "dialects" / "fuzz_corpus"
WATCHED = str(Path(modelhall.dialects.__file__).parent)
SLOW_S = 1.0
"""No input of at most 256 kB may take longer, counted in the processor's time."""
TRACED = 4
"""One input in so many is watched; watching is slow."""


def main(words: list[str]) -> int:
    """Fuzzes what was named, or everything. 0 when nothing was found, 1 when something was, 2 for a wrong name."""
    asked = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    asked.add_argument("targets", nargs="*", help="default: all of them")
    asked.add_argument("--seconds", type=float, default=20.0, help="for each target (20)")
    asked.add_argument("--seed", type=int, default=None, help="the same inputs again")
    told = asked.parse_args(words)
    every = targets()
    if unknown := [name for name in told.targets if name not in every]:
        print(f"no target {', '.join(unknown)}; there are: {', '.join(every)}", file=sys.stderr)
        return 2
    seed = told.seed if told.seed is not None else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}, {told.seconds:g} s for each target")
    found = [fuzz(name, every[name], told.seconds, random.Random(seed)) for name in told.targets or every]
    return 1 if any(found) else 0


def fuzz(name: str, target: Target, seconds: float, pick: random.Random) -> int:
    """Fuzzes one target; how many different faults were found."""
    pool, lines, faults = list(target.seeds), set[tuple[str, int]](), dict[str, bytes]()
    runs, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        data = target.seeds[runs] if runs < len(target.seeds) else mutated(pick.choice(pool), pick, pool)
        runs += 1
        before = len(lines)
        fault = fault_of(target, data, lines if runs % TRACED == 0 or runs <= len(target.seeds) else None)
        if fault is not None and fault not in faults:
            faults[fault] = smaller(target, data, fault)
            keep(name, faults[fault], fault)
        elif len(lines) > before and len(data) < 64 * 1024:
            pool.append(data)
    print(f"{name}: {runs} inputs, {len(lines)} lines reached, {len(pool)} seeds, {len(faults)} faults", flush=True)
    return len(faults)


def fault_of(target: Target, data: bytes, lines: set[tuple[str, int]] | None = None) -> str | None:
    """What is wrong with a target at this input: the kind of error and where it came from; `None` for nothing."""
    began = time.process_time()
    if lines is not None:
        sys.settrace(_watch(lines))
    try:
        target.run(data)
    except Exception as error:  # noqa: BLE001 - whatever comes out is the find
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    finally:
        sys.settrace(None)
    slow = lines is None and time.process_time() - began > SLOW_S
    return f"slower than {SLOW_S:g} s" if slow else None


def _watch(lines: set[tuple[str, int]]) -> Callable[[FrameType, str, Any], Any]:
    def in_frame(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return in_frame

    def at_call(frame: FrameType, event: str, _: Any) -> Any:
        return in_frame if event == "call" and frame.f_code.co_filename.startswith(WATCHED) else None

    return at_call


def smaller(target: Target, data: bytes, fault: str) -> bytes:
    """The smallest part of the input found in some tries that shows the same fault."""
    until = time.monotonic() + 10
    size = len(data) // 2
    while size and time.monotonic() < until:
        at = 0
        while at < len(data) and time.monotonic() < until:
            shorter = data[:at] + data[at + size :]
            if fault_of(target, shorter) == fault:
                data = shorter
            else:
                at += size
        size //= 2
    return data


def keep(name: str, data: bytes, fault: str) -> None:
    """Writes the input down for the tests."""
    place = CORPUS / name / hashlib.sha256(data).hexdigest()[:16]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    print(f"{name}: {fault}, kept as {place.relative_to(CORPUS.parents[2])}: {data[:200]!r}", flush=True)
