"""Bounds what a piece of work may take of memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def most_memory(mebibytes: int) -> Generator[None]:
    """Fails when Python's objects grow by more than that in between, at their peak; what raises is not judged."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        try:
            yield
        finally:
            grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert grown <= mebibytes * 2**20, f"{grown / 2**20:.1f} MiB"
