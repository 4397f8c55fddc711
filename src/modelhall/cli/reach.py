"""Finds the house: the server that runs on the data directory, else the house itself in this process."""

import importlib
import os
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

from modelhall.cli.client import Client
from modelhall.cli.loopback import Loopback
from modelhall.cli.options import Common
from modelhall.cli.place import Running, data_directory, running_server
from modelhall.domain.errors import SetupError

PATIENCE_S = 20.0
"""How long another process may hold the data directory: a server that starts or stops, or another command."""
LOOK_AGAIN_S = 0.1


@contextmanager
def house(common: Common) -> Generator[Client]:
    """A client of the house. Raises SetupError, NotReady and DatabaseUnavailable when there is no way to it."""
    data = data_of(common)
    if (server := running_server(data)) is not None:
        yield Client(Loopback(server))
        return
    # Loaded only when no server runs: it brings the whole house with it, which takes a second.
    inside = importlib.import_module("modelhall.cli.in_process").inside
    load_settings = importlib.import_module("modelhall.settings").load_settings
    settings = load_settings(os.environ, data=data)
    until = time.monotonic() + PATIENCE_S
    with ExitStack() as stack:
        while True:
            server = server_that_comes(data, until)
            if server is not None:
                yield Client(Loopback(server))
                return
            with retried_while_held(data, until):
                door = stack.enter_context(inside(settings))
                break
        yield Client(door)


def data_of(common: Common) -> Path:
    """The data directory of this command line."""
    return data_directory(common.data, os.environ)


def server_that_comes(data: Path, until: float) -> Running | None:
    """Wait while another process holds the directory; the server, if that is what it turns out to be."""
    while (server := running_server(data)) is None and is_held(data) and time.monotonic() < until:
        time.sleep(LOOK_AGAIN_S)
    return server


@contextmanager
def retried_while_held(data: Path, until: float) -> Generator[None]:
    """Inside, a SetupError counts for nothing as long as somebody else was quicker to take the data directory."""
    try:
        yield
    except SetupError:
        if time.monotonic() >= until or not is_held(data):
            raise


def is_held(data: Path) -> bool:
    """Whether a process holds the data directory now."""
    # Loaded late as well.
    holder_of = importlib.import_module("modelhall.services.inspection.inspect_data").holder_of
    return cast(str | None, holder_of(data)) is not None
