"""The wheel holds everything: built from pinned tools, installed in a clean environment, started, asked, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT
from tests.support.postgres import free_port

START_SECONDS = 60.0
# `make test` puts the locked packages here before the tests start, so that no test needs the network.
FETCHED = ROOT / ".venv" / "wheels"
MADE_BY_TOOLS = frozenset({".pyc"})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `make wheel` builds it, from a source package first."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT)
    assert [path.suffix for path in sorted(out.iterdir())] == [".whl", ".gz"]
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `modelhall` of a clean environment that holds the lock and the wheel, nothing else."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
    run(sys.executable, "-m", "venv", venv)
    pip = (venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps")
    place = ("--no-index", "--find-links", FETCHED) if FETCHED.is_dir() else ()
    run(*pip, *place, "--require-hashes", "--only-binary=:all:", "-r", ROOT / "requirements.lock")
    run(*pip, "--no-index", wheel)
    run(venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "check")
    return venv / "bin" / "modelhall"


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in MADE_BY_TOOLS
    }
    assert wanted - held == set()


def test_the_wheel_holds_licence_and_notice_and_no_path_tricks(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel).namelist()
    assert {Path(name).name for name in held} >= {"LICENSE", "NOTICE"}
    assert [name for name in held if name.endswith(".pth")] == []


def test_what_is_installed_starts_answers_and_stops(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    with serving(installed, tmp_path, port) as server:
        assert wait_for(f"http://127.0.0.1:{port}/healthz", server) == 200
        assert wait_for(f"http://127.0.0.1:{port}/readyz", server) == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert page.headers.get_content_type() == "text/html"
        assert json.loads((tmp_path / "data" / "run" / "server.json").read_text())
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=40) == 0


@contextmanager
def serving(command: Path, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`modelhall serve` in a folder of its own, with no setting of this machine; what it says goes to a file."""
    keep = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LC_", "SSL_"))}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [command, "serve", "--port", str(port), "--data", folder / "data"],
            cwd=folder,
            env={**keep, "PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"},
            stdout=log,
            stderr=log,
        )
        try:
            yield server
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()
            print((folder / "log").read_text(errors="replace")[-4000:])


def wait_for(url: str, server: subprocess.Popen[bytes]) -> int:
    """The status of the address once it is 200, or the last one when the time is over."""
    deadline, status = time.monotonic() + START_SECONDS, 0
    while time.monotonic() < deadline and server.poll() is None and status != 200:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                status = answer.status
        except urllib.error.HTTPError as refused:
            status = refused.code
            refused.close()
        except OSError:
            time.sleep(0.1)
    return status


def run(*command: str | Path) -> None:
    """Run a command; a failure shows what it said."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
