"""The transport's tests run on both event loops: uvloop, on which the server runs, and asyncio's own."""

import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Both, for each test of this folder."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
