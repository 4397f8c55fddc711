"""Shows how far the built-in model is: a bar for people who watch, a line now and then where nobody does."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from modelhall.cli.client import Client, Object
from modelhall.cli.out import tell
from modelhall.domain.errors import EngineFailed

LOOK_AGAIN_S = 0.5
UNWATCHED_STEP = 10
"""Percent between two lines where nobody watches."""

Told = Callable[[str, int, int | None], None]
"""What is being done, bytes so far, bytes in all."""


@contextmanager
def progress_bar() -> Generator[Told]:
    """A function that shows progress on standard error."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("starting", total=None)

        def told(words: str, done: int, total: int | None) -> None:
            progress.update(bar, description=words, completed=done, total=total)

        yield told


def _lines() -> Told:
    last: list[tuple[str, int]] = []

    def told(words: str, done: int, total: int | None) -> None:
        percent = done * 100 // total if total else 0
        step = (words, percent // UNWATCHED_STEP)
        if last != [step]:
            last[:] = [step]
            tell(f"{words} … {percent} %" if total else f"{words} …")

    return told


def wait_for_engine(client: Client) -> Object:
    """Return the engine's state when it is ready, and show its progress meanwhile. Raises EngineFailed."""
    with progress_bar() as told:
        while True:
            engine = client.get("/local")
            state = str(engine.get("state"))
            if state == "ready":
                return engine
            if state in {"failed", "missing"}:
                why = engine.get("error") or "it is not installed; run `modelhall local install`"
                raise EngineFailed(f"The built-in model cannot run: {why}")
            told(f"{state} the built-in model", int(engine.get("fetched_bytes") or 0), engine.get("total_bytes"))
            time.sleep(LOOK_AGAIN_S)
