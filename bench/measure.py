"""One round of one candidate: start it, load it in several ways, read what it cost, stop it."""

from __future__ import annotations

import http.client
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.candidates import Launch
from bench.instruments import Loaded, Place, Target, body, load
from bench.machine import TICKS_PER_S, Usage, memory_mb, usage_of
from bench.processes import BenchError, running, tail

START_S = 90.0
POLL_S = 0.002
# Quiet: three looks in a row with at most one tick of CPU time between them.
QUIET_LOOK_S, QUIET_LOOKS, QUIET_AT_MOST_S = 0.1, 3, 20.0
MANY, SOME, WARM = 64, 16, 8
GROWTH_AT_MOST_S = 240.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each part of a round takes, in seconds, and how many rounds there are."""

    rounds: int
    warm: float
    one: float
    many: float
    streams: float
    big: float
    steady: float
    growth: tuple[int, int]
    """Calls before and between the two looks at the memory of a fresh process."""


FULL = Pace(rounds=3, warm=1.5, one=2, many=5, streams=4, big=3, steady=3, growth=(20_000, 200_000))
QUICK = Pace(rounds=1, warm=0.2, one=0.3, many=0.5, streams=0.4, big=0.3, steady=0.3, growth=(500, 1_000))


@dataclass(slots=True)
class Round:
    """What one round of one candidate gave; `None` where there is nothing to measure or calls went wrong."""

    figures: dict[str, float | None] = field(default_factory=dict[str, float | None])
    trouble: list[str] = field(default_factory=list[str])
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a load cost the gateway: its CPU seconds, and the share of its core that others took meanwhile."""

    cpu_s: float
    others: float


def measure(launch: Launch, place: Place, pace: Pace) -> Round:
    """One round. Raises BenchError when the candidate does not start."""
    done = Round()
    if not launch.command:
        loads(launch.target, None, place, pace, done)
        return done
    log = launch.folder / "output.log"
    began = time.monotonic()
    with running(launch.command, place.cores.gateway, log, launch.environment) as process:
        first_answer(launch.target, process, body("json", launch.target.model, place.work), log)
        done.figures["start_s"] = time.monotonic() - began
        done.calls += 1
        loads(launch.target, process.pid, place, pace, done)
        done.figures["memory_mb"] = memory_mb(process.pid)
        if process.poll() is not None:
            done.trouble.append(f"it ended by itself ({process.returncode})")
    return done


def loads(target: Target, session: int | None, place: Place, pace: Pace, done: Round) -> None:
    """All loads, one after the other."""

    def run(kind: str, callers: int, seconds: float, rate: int = 0) -> tuple[Loaded, Cost]:
        before = usage_of(session, place.cores)
        loaded = load(place, target, kind, callers, seconds, rate=rate)
        at_end = usage_of(session, place.cores)
        done.calls += loaded.good
        if loaded.trouble:
            done.trouble.append(f"{kind} with {callers} callers: {loaded.trouble}")
        return loaded, cost(before, at_end, quiet(session, place))

    run("json", WARM, pace.warm)
    one, _ = run("json", 1, pace.one)
    many, many_cost = run("json", MANY, pace.many)
    half = int(many.rate / 2)
    steady, _ = run("json", MANY, pace.steady, half) if half else (Loaded(0, 0, 0, 0, 0, "no rate"), None)
    streams, streams_cost = run("sse", SOME, pace.streams)
    big, _ = run("big", SOME, pace.big)

    def put(name: str, loaded: Loaded, figure: float) -> None:
        done.figures[name] = None if loaded.trouble or not loaded.good else figure

    put("c1_us", one, one.p50_us)
    put("c64_rps", many, many.rate)
    put("c64_p99_us", many, many.p99_us)
    put("half_rps", steady, half)
    put("half_p50_us", steady, steady.p50_us)
    put("half_p99_us", steady, steady.p99_us)
    put("streams_s", streams, streams.rate)
    put("big_rps", big, big.rate)
    if session is not None:
        put("cpu_us", many, 1e6 * many_cost.cpu_s / max(many.good, 1))
        put("cpu_ms_stream", streams, 1e3 * streams_cost.cpu_s / max(streams.good, 1))
        put("others_percent", many, 100 * many_cost.others)


def growth_mb(launch: Launch, place: Place, first: int, more: int) -> float | None:
    """How much memory a fresh process takes on over so many calls, after the first ones; `None` when calls failed."""
    log = launch.folder / "output.log"
    with running(launch.command, place.cores.gateway, log, launch.environment) as process:
        first_answer(launch.target, process, body("json", launch.target.model, place.work), log)
        memory: list[float] = []
        for calls in (first, more):
            loaded = load(place, launch.target, "json", MANY, GROWTH_AT_MOST_S, most=calls)
            if loaded.trouble or loaded.good < calls:
                return None
            quiet(process.pid, place)
            memory.append(memory_mb(process.pid))
        return memory[1] - memory[0]


def cost(before: Usage, at_end: Usage, after: Usage) -> Cost:
    """Work that a gateway puts off until after the load counts as well; what others took, only during the load."""
    took = at_end.at - before.at
    others = (at_end.core - before.core) - (at_end.own - before.own)
    return Cost(after.own - before.own, max(0.0, others) / took)


def quiet(session: int | None, place: Place) -> Usage:
    """Wait until the gateway has nothing left to do, but not for ever."""
    last, still = usage_of(session, place.cores), 0
    end = time.monotonic() + QUIET_AT_MOST_S
    while session is not None and still < QUIET_LOOKS and time.monotonic() < end:
        time.sleep(QUIET_LOOK_S)
        now = usage_of(session, place.cores)
        still = still + 1 if now.own - last.own <= 1.5 / TICKS_PER_S else 0
        last = now
    return last


def first_answer(target: Target, process: subprocess.Popen[bytes], sent: Path, log: Path) -> None:
    """Call until a call is answered. Raises BenchError when the process ends first or time runs out."""
    content, end = sent.read_bytes(), time.monotonic() + START_S
    headers = dict(header.split(": ", 1) for header in target.headers) | {"Content-Type": "application/json"}
    said = "nothing"
    while time.monotonic() < end:
        if process.poll() is not None:
            raise BenchError(f"{log.parent.name} ended ({process.returncode}) instead of starting:\n{tail(log)}")
        line = http.client.HTTPConnection("127.0.0.1", target.port, timeout=10)
        try:
            line.request("POST", "/v1/chat/completions", content, headers)
            answer = line.getresponse()
            said = f"{answer.status} {answer.read()[:300].decode(errors='replace')}"
            if answer.status == 200:
                return
        except (OSError, http.client.HTTPException) as error:
            said = str(error)
        finally:
            line.close()
        time.sleep(POLL_S)
    raise BenchError(f"{log.parent.name} did not answer within {START_S:.0f} s; last: {said}\n{tail(log)}")
