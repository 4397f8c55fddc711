"""One temporary PostgreSQL cluster per test run, one fresh database per test that asks for it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "modelhall", "only-for-tests"
START_SECONDS = 30.0
# Nothing here must outlive the run, so every safety that costs time is off.
OPTIONS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "listen_addresses=127.0.0.1",
    "log_min_messages=warning",
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running cluster on loopback."""

    programs: Path
    port: int

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """A new empty database as `postgresql://user:password@127.0.0.1:port/name`, dropped at the end."""
        name = f"t_{secrets.token_hex(6)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        try:
            yield self.url(name)
        finally:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        """The address of a database of this cluster."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def _say(self, sql: str) -> None:
        subprocess.run(
            [self.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url("postgres")],
            check=True,
            capture_output=True,
            text=True,
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a cluster in a temporary folder; stop and remove it at the end, also when the test run is killed."""
    programs = postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="modelhall-postgres-"))
    port = free_port()
    runner = unprivileged_user()
    try:
        make_cluster(programs, folder, runner)
        with (folder / "server.log").open("wb") as log:
            server = start(programs, folder, port, runner, log.fileno())
        try:
            wait_until_it_answers(server, programs, port, folder / "server.log")
            yield Postgres(programs, port)
        finally:
            # SIGQUIT is PostgreSQL's immediate shutdown.
            server.send_signal(3)
            server.wait(timeout=10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres_programs() -> Path:
    """The folder with `initdb`: the newest that Debian's packages brought, else the one on the path."""
    places = sorted(
        (place.parent for place in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda place: int(place.parent.name) if place.parent.name.isdigit() else 0,
    )
    if places:
        return places[-1]
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("Storage tests need PostgreSQL: run `make test`, or `apt-get install postgresql`.")
    return Path(on_path).resolve().parent


def unprivileged_user() -> str | None:
    """Whom to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def make_cluster(programs: Path, folder: Path, runner: str | None) -> None:
    """Make an empty cluster whose superuser signs in with a password, as in production."""
    password = folder / "password"
    password.write_text(PASSWORD)
    if runner is not None:
        for path in (folder, password):
            shutil.chown(path, runner)
    made = subprocess.run(
        [
            *(programs / "initdb", "--pgdata", folder / "data", "--username", USER, "--pwfile", password),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
        ],
        user=runner,
        extra_groups=[] if runner else None,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")


def start(programs: Path, folder: Path, port: int, runner: str | None, log: int) -> subprocess.Popen[bytes]:
    """Start the server so that it ends with this process, whatever ends this process."""
    setpriv = shutil.which("setpriv")
    leash = [setpriv, "--pdeathsig", "QUIT"] if setpriv else []
    options = [
        word for option in (*OPTIONS, f"port={port}", f"unix_socket_directories={folder}") for word in ("-c", option)
    ]
    return subprocess.Popen(
        [*leash, programs / "postgres", "-D", folder / "data", *options],
        user=runner,
        extra_groups=[] if runner else None,
        cwd=folder,
        stdout=log,
        stderr=log,
    )


def wait_until_it_answers(server: subprocess.Popen[bytes], programs: Path, port: int, log: Path) -> None:
    """Return when the server takes connections; RuntimeError with its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    ask = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while time.monotonic() < deadline and server.poll() is None:
        if subprocess.run(ask, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
