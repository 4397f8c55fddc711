"""A house that other tests may ask over real loopback HTTP, and a way to run one command line against it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from modelhall.cli.main import run

TOKEN = "operator-token-of-this-start"


@dataclass(slots=True)
class Said:
    """What a command line said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as a program reads it."""
        return json.loads(self.out)


Command = Callable[..., Said]


@dataclass(slots=True)
class FakeHouse:
    """Answers as it was told to, and keeps what it was asked."""

    data: Path
    answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    port: int = 0

    def on(self, what: str, answer: object = None, status: int = 200, **headers: str) -> None:
        """Answer `METHOD /path` with this; a further answer to the same comes after it, and the last one stays."""
        body = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault(what, []).append((status, told, body))

    def refuse(self, what: str, status: int, code: str, detail: str, **more: object) -> None:
        """Refuse it with a problem."""
        self.on(what, {"title": code, "status": status, "code": code, "detail": detail, **more}, status)

    def answer_to(self, method: str, target: str) -> tuple[int, dict[str, str], bytes]:
        """The next answer to a request."""
        waiting = self.answers.get(f"{method} {target}") or self.answers.get(f"{method} {target.partition('?')[0]}")
        if not waiting:
            return 404, {}, json.dumps({"code": "not_found", "detail": f"nothing at {method} {target}"}).encode()
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def handler_of(fake: FakeHouse) -> type[BaseHTTPRequestHandler]:
    """The handler that speaks for this house."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("content-length") or 0))
            fake.asked.append((self.command, self.path, json.loads(text) if text else None))
            fake.tokens.add(self.headers.get("authorization"))
            status, headers, body = fake.answer_to(self.command, self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            # A length of the test's own is a lie, and such a server hangs up.
            self.close_connection = any(name.lower() == "content-length" for name in headers)
            if not self.close_connection:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            """The test's own output stays clean."""

    return Handler


def write_run_file(data: Path, port: int, pid: int | None = None) -> None:
    """What a running server writes down."""
    (data / "run").mkdir(parents=True, exist_ok=True)
    told = {
        "address": f"http://127.0.0.1:{port}",
        "token": TOKEN,
        "pid": os.getpid() if pid is None else pid,
        "started_at": "2026-11-01T00:00:00Z",
    }
    (data / "run" / "server.json").write_text(json.dumps(told))


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeHouse]:
    """A house on a port of loopback, with the run file of a running server."""
    house = FakeHouse(tmp_path / "data")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(house))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    house.port = server.server_address[1]
    write_run_file(house.data, house.port)
    yield house
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def modelhall(fake: FakeHouse, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run one command line against the house."""

    def command(*words: str) -> Said:
        return said(capsys, [*words, "--data", str(fake.data)])

    return command


def said(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> Said:
    """Run one command line in this process."""
    capsys.readouterr()
    code = run(words)
    told = capsys.readouterr()
    return Said(code, told.out, told.err)
