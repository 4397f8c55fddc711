"""Fixtures of the data plane's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.faulty import Faulty, faulty_behind
from tests.gateway.hall import Hall, open_hall


@pytest.fixture
async def hall(database_url: str, tmp_path: Path) -> AsyncIterator[Hall]:
    """A hall on each kind of database."""
    async with open_hall(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def small_hall(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Hall]:
    """A hall on SQLite, where the database makes no difference."""
    async with open_hall(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def provider(small_hall: Hall) -> AsyncIterator[Faulty]:
    """The provider that breaks, behind every profile of the small hall; each has the model `small`."""
    for profile in small_hall.profiles:
        await small_hall.model("small", {"input": "1", "output": "1"}, profile=profile)
    async with faulty_behind(small_hall) as opened:
        yield opened
