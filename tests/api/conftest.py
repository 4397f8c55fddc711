"""Fixtures of the control API's tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from modelhall.api.app import PREFIX, create_control_api
from tests.support.asgi import Client
from tests.support.house import TOKEN, OpenHouse, open_test_house


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncGenerator[OpenHouse]:
    """A house on each kind of database."""
    async with open_test_house(database_url, tmp_path, {"OPENAI_API_KEY": "sk-from-the-environment"}) as opened:
        yield opened


@pytest.fixture
def nobody(house: OpenHouse) -> Client:
    """Calls without an identity."""
    return Client(create_control_api(house.house), {}, root_path=PREFIX)


@pytest.fixture
def operator(nobody: Client) -> Client:
    """Calls as the operator."""
    return Client(nobody.application, {"authorization": f"Bearer {TOKEN}"}, root_path=PREFIX)
