"""Fixtures of the services' tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.gateway.upstream import ScriptedProvider, scripted
from tests.support.house import OpenHouse, open_test_house


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncGenerator[OpenHouse]:
    """A house on each kind of database."""
    async with open_test_house(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def small_house(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[OpenHouse]:
    """A house on SQLite, where the database makes no difference."""
    async with open_test_house(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedProvider]:
    """A provider on loopback that answers as a test wants."""
    async with scripted() as provider:
        yield provider
