"""Finds the house: the server that runs on the data directory, else the house itself in this process."""

import importlib
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from modelhall.cli.client import Client
from modelhall.cli.loopback import Loopback
from modelhall.cli.options import Common
from modelhall.cli.place import Running, data_directory, running_server

PATIENCE_S = 20.0
"""How long another process may hold the data directory: a server that starts or stops, or another command."""
LOOK_AGAIN_S = 0.1


@contextmanager
def house(common: Common) -> Generator[Client]:
    """A client of the house. Raises SetupError, NotReady and DatabaseUnavailable when there is no way to it."""
    data = data_of(common)
    server = server_that_comes(data)
    if server is not None:
        yield Client(Loopback(server))
        return
    # Loaded only when no server runs: it brings the whole house with it, which takes a second.
    inside = importlib.import_module("modelhall.cli.in_process").inside
    load_settings = importlib.import_module("modelhall.settings").load_settings
    with inside(load_settings(os.environ, data=data)) as door:
        yield Client(door)


def data_of(common: Common) -> Path:
    """The data directory of this command line."""
    return data_directory(common.data, os.environ)


def server_that_comes(data: Path) -> Running | None:
    """Wait while another process holds the directory; the server, if that is what it turns out to be."""
    if (server := running_server(data)) is not None or not data.is_dir():
        return server
    # Loaded late for the same reason.
    holder_of = importlib.import_module("modelhall.services.inspection.inspect_data").holder_of
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and holder_of(data) is not None:
        time.sleep(LOOK_AGAIN_S)
        if (server := running_server(data)) is not None:
            return server
    return None
