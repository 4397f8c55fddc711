"""The measuring tools in C: compiled once, the mock upstream kept running, the load generator called."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import Cores
from bench.processes import BenchError, free_port, running, tail

SOURCES = Path(__file__).resolve().parent / "tools"
BUILD = Path(__file__).resolve().parent / "build"
MODEL = "mock-model"
EVENTS_OF_A_STREAM = 203
# More than any candidate answers in the time given, so that time is what ends a load.
ENDLESS = 3_000_000
# The upstream takes three ports in a row; the first answers at once.
UPSTREAM_PORTS = 3


@dataclass(frozen=True, slots=True)
class Tools:
    """The compiled programs."""

    upstream: Path
    load: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run happens: its folder, the upstream's port, whose cores are whose, and the tools."""

    work: Path
    upstream: int
    cores: Cores
    tools: Tools


@dataclass(frozen=True, slots=True)
class Target:
    """Where the calls go: port, header lines, and the name that the model has there."""

    port: int
    headers: tuple[str, ...]
    model: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the generator saw."""

    answered: int
    good: int
    rate: float
    p50_us: float
    p99_us: float
    trouble: str
    """What went wrong; empty when every call was answered in full."""


def compile_tools() -> Tools:
    """The tools, compiled when their source is new. Raises BenchError."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise BenchError("there is no C compiler; install gcc and libc6-dev, then run this again")
    return Tools(compiled("mock_upstream", compiler), compiled("load", compiler))


def compiled(name: str, compiler: str) -> Path:
    """One tool, named by its source, so that a new source is a new program."""
    source = SOURCES / f"{name}.c"
    program = BUILD / f"{name}-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    if not program.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        fresh = program.with_suffix(".new")
        made = subprocess.run(
            [compiler, "-O2", "-w", "-o", str(fresh), str(source)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise BenchError(f"{source.name} does not compile:\n{made.stderr}")
        fresh.replace(program)
    return program


@contextmanager
def upstream(tools: Tools, cores: Cores, work: Path) -> Iterator[int]:
    """The mock upstream, for as long as the context lasts; gives its port. Raises BenchError."""
    port, log = free_port(UPSTREAM_PORTS), work / "upstream.log"
    with running([str(tools.upstream), str(port)], cores.generator, log, {}) as process:
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            yield port
            return
        raise BenchError(f"the mock upstream does not start: {tail(log)}")


def body(kind: str, model: str, work: Path) -> Path:
    """A request body (`json`, `sse`, `big`) that names the model as this candidate calls it."""
    path = work / f"{kind}-{model.replace('/', '-')}.json"
    if not path.exists():
        text = (SOURCES / f"body_{kind}.json").read_text(encoding="utf-8")
        path.write_text(text.replace(f'"model": "{MODEL}"', f'"model": "{model}"', 1), encoding="utf-8")
    return path


def load(
    place: Place, target: Target, kind: str, callers: int, seconds: float, *, rate: int = 0, most: int = ENDLESS
) -> Loaded:
    """Call the target for some seconds: each caller at once again, or all together at a fixed rate per second."""
    command = [str(place.tools.load), "-p", str(target.port), "-P", "/v1/chat/completions"]
    command += ["-b", str(body(kind, target.model, place.work)), "-c", str(callers), "-n", str(most)]
    command += ["-d", str(seconds), "-r", str(rate)]
    command += [word for header in target.headers for word in ("-H", header)]
    if kind == "sse":
        command += ["-s", "-m", str(EVENTS_OF_A_STREAM)]
    return told(command, seconds)


def told(command: Sequence[str], seconds: float) -> Loaded:
    """What the generator says of a load."""
    try:
        # It waits up to 20 s for calls that are still open when the time is over.
        said = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False).stdout
    except subprocess.TimeoutExpired:
        return Loaded(0, 0, 0.0, 0.0, 0.0, "the load generator did not come back")
    figures: dict[str, Any] = json.loads(said or '{"error": "nothing said"}')
    if "error" in figures:
        return Loaded(0, 0, 0.0, 0.0, 0.0, f"the load generator could not work: {figures['error']}")
    wrong = {
        "not answered": figures["err"] + figures["unfinished"],
        "refused": figures["non2xx"],
        "cut streams": figures["badstream"],
    }
    trouble = ", ".join(f"{count} {what}" for what, count in wrong.items() if count)
    if figures["firsterr"]:
        # Its line ends are spaces; the first line says enough, the rest differs from call to call.
        trouble += f" ({figures['firsterr'].strip().split('  ')[0]})"
    times = figures["lat_us"]
    return Loaded(figures["n"], figures["ok"], figures["rps"], times["p50"], times["p99"], trouble)
