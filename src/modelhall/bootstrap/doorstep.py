"""What a server does before it is there for anybody: the address it takes, and how people and commands learn of it."""

import json
import os
import resource
import socket
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from modelhall.bootstrap.house import OpenHouse
from modelhall.domain.errors import SetupError
from modelhall.services.links import issue
from modelhall.settings import Settings

RUN_FILE = Path("run") / "server.json"
MOST_FILES = 65_536
CLOSED = (
    "Others can reach it, and nobody has set it up: until somebody signs in or makes a key, all is answered with 503.\n"
)


@contextmanager
def listening(settings: Settings) -> Generator[socket.socket]:
    """The socket that everybody connects to. Raises SetupError when the address cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SetupError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another with --port or --host"
        ) from error
    with listener:
        yield listener


def address_of(listener: socket.socket, settings: Settings) -> str:
    """Where this machine reaches it."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{'http' if settings.tls_cert is None else 'https'}://{shown}:{port}"


@contextmanager
def run_file(settings: Settings, address: str, token: str) -> Generator[None]:
    """Tells the commands on this machine where the server is, and by what token they come in."""
    path = settings.data / RUN_FILE
    path.parent.mkdir(mode=0o700, exist_ok=True)
    content = {"address": address, "token": token, "pid": os.getpid(), "started_at": datetime.now(UTC).isoformat()}
    if settings.public_url is not None:
        content["page"] = settings.public_url
    if settings.tls_cert is not None:
        content["certificate"] = str(settings.tls_cert.absolute())
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)
    new.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


async def greet(address: str, opened: OpenHouse) -> None:
    """What the person who started it reads."""
    house = opened.house
    async with house.database.write() as connection:
        code = await issue(connection, house.clock())
    page = opened.watch.settings.public_url or address
    closed = CLOSED if opened.awaits_set_up else ""
    print(f"\nModelhall is at {address}\n{closed}Sign in once, within 15 minutes: {page}/#link={code}\n", flush=True)  # noqa: T201


def take_all_files() -> None:
    """As many open files as the system grants: each connection is one, and many systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if wanted > soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
