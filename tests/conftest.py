"""Fixtures that every room's tests share, and the rules of a run: closed network, empty environment."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.canaries import Canaries
from tests.support.network import close_the_network
from tests.support.postgres import Postgres, running_postgres

FULL = os.environ.get("MODELHALL_FULL") == "1"
# What would let a test find this machine's real keys, servers or settings.
FOREIGN_PREFIXES = ("MODELHALL_", "OLLAMA_", "OPENAI_", "ANTHROPIC_", "AZURE_", "AWS_", "GOOGLE_", "GEMINI_")
FOREIGN_SUFFIXES = ("_API_KEY", "_API_BASE", "_API_TOKEN", "_AUTH_TOKEN", "_API_KEY_FILE")
FOREIGN_NAMES = frozenset(
    {"DATABASE_URL", "DATABASE_URL_FILE", "VALKEY_URL", "VALKEY_URL_FILE", "HF_TOKEN", "GITHUB_TOKEN"}
)


def pytest_configure() -> None:
    """Close the network before any test module is loaded."""
    close_the_network()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what exists only in the full form, unless it was asked for; try what is timed up to three times."""
    for item in items:
        if item.get_closest_marker("timed"):
            # A bound on time holds when it held once: a busy machine only adds time.
            item.add_marker(pytest.mark.flaky(reruns=2))
    if FULL:
        return
    only_full = [item for item in items if any(mark.kwargs.get("only") for mark in item.iter_markers("full"))]
    if only_full:
        config.hook.pytest_deselected(items=only_full)
        items[:] = [item for item in items if item not in only_full]


@pytest.fixture
def how_many() -> Callable[[int, int], int]:
    """`how_many(small, full)`: the count for this run. Mark the test `full`, so that `make accept` runs it."""
    return lambda small, full: full if FULL else small


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests find no keys, servers or settings of the machine they run on."""
    for name in tuple(os.environ):
        if name.startswith(FOREIGN_PREFIXES) or name.endswith(FOREIGN_SUFFIXES) or name in FOREIGN_NAMES:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The run's PostgreSQL cluster."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh PostgreSQL database, as a person would write it in `DATABASE_URL`."""
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database that does not exist yet, in a folder of its own."""
    return f"sqlite:///{tmp_path / 'modelhall.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database; each test that asks for it runs on SQLite and on PostgreSQL."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])


@pytest.fixture
def canaries(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Canaries]:
    """Secrets to plant; the test fails if one of them shows in a log line or on the terminal."""
    caplog.set_level(logging.DEBUG)
    planted = Canaries()
    yield planted
    out, err = capfd.readouterr()
    assert planted.found_in(caplog.text + out + err) == [], "a secret came out in the log or on the terminal"
