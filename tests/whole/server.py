"""A real server in a process of its own, as a person starts it, and the commands a person types."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.request import ProxyHandler, Request, build_opener

COMMAND = (str(Path(sys.executable).with_name("modelhall")),)
OPEN = build_opener(ProxyHandler({}))
"""Straight to loopback, whatever proxy the machine has."""


@dataclass(slots=True)
class Server:
    """A server and its data directory; it can die and be started again."""

    data: Path
    environ: Mapping[str, str]
    process: subprocess.Popen[str] | None = None
    address: str = ""
    link: str = ""
    log: IO[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it and returns when it has said where it is."""
        self.log = (self.data.parent / "server.log").open("a")
        self.process = subprocess.Popen(
            (*COMMAND, "serve", "--port", "0", "--data", str(self.data)),
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=dict(self.environ),
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if match := re.search(r"Modelhall is at (\S+)", line):
                self.address = match[1]
            if match := re.search(r"/#link=(\S+)", line):
                self.link = match[1]
                return
        raise AssertionError(f"the server did not start: {(self.data.parent / 'server.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """`kill -9`."""
        assert self.process is not None
        self.process.kill()
        self._gone()

    def stop(self, seconds: float = 35.0) -> float:
        """SIGTERM; gives the seconds until it was gone."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)
        self._gone()
        return time.monotonic() - began

    def _gone(self) -> None:
        assert self.process is not None
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert self.log is not None
        self.log.close()
        self.process = None

    @property
    def token(self) -> str:
        """The operator token of this start."""
        return json.loads((self.data / "run" / "server.json").read_text())["token"]

    def run(self, *words: str) -> str:
        """A command on this server's data directory; its output."""
        done = subprocess.run(
            (*COMMAND, *words, "--data", str(self.data)),
            capture_output=True,
            text=True,
            env=dict(self.environ),
            check=False,
        )
        assert done.returncode == 0, f"modelhall {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *words: str) -> Any:
        """A command's answer for programs."""
        return json.loads(self.run(*words, "--json"))

    def get(self, path: str, key: str = "") -> tuple[int, Any]:
        """Status and JSON of a GET."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        with OPEN.open(Request(self.address + path, headers=headers), timeout=30) as response:
            return response.status, json.loads(response.read())


@contextmanager
def server_on(data: Path, database_url: str | None = None, **more: str) -> Iterator[Server]:
    """A server that is not started yet; whatever is left of it is killed at the end."""
    passed = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environ = passed | {"HOME": str(data.parent), "MODELHALL_ENGINE": "false"} | more
    if database_url is not None:
        environ["DATABASE_URL"] = database_url
    server = Server(data, environ)
    try:
        yield server
    finally:
        if server.process is not None:
            server.kill()
