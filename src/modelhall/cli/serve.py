"""`modelhall serve`: starts the server."""

import os
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from modelhall.bootstrap import serving
from modelhall.cli.reach import PATIENCE_S, retried_while_held, server_that_comes
from modelhall.domain.errors import Conflict
from modelhall.settings import load_settings


def serve(
    *,
    host: Annotated[
        str | None, Parameter(help="The address to listen on; otherwise MODELHALL_HOST, otherwise 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, Parameter(help="The port; otherwise MODELHALL_PORT, otherwise 8400. 0 takes a free one.")
    ] = None,
    data: Annotated[
        Path | None, Parameter(help="The data directory; otherwise MODELHALL_DATA, otherwise your own.")
    ] = None,
    workers: Annotated[
        int | None, Parameter(help="Server processes; otherwise MODELHALL_WORKERS, otherwise 1: everything in one.")
    ] = None,
) -> None:
    """Start the server: it makes its data directory, prints a one-time sign-in link, and runs until it is stopped."""
    settings = load_settings(os.environ, host=host, port=port, data=data, workers=workers)
    until = time.monotonic() + PATIENCE_S
    served = False
    while not served:
        refuse_second(settings.data, until)
        with retried_while_held(settings.data, until):
            serving.serve(settings)
            served = True


def refuse_second(data: Path, until: float) -> None:
    """Wait for another command that holds the directory just now. Raises Conflict when it is a server."""
    running = server_that_comes(data, until)
    if running is not None:
        raise Conflict(
            f"A server runs on {data} already: {running.address} (process {running.pid}). "
            "Stop it, or choose another data directory with --data."
        )
