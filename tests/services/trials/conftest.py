"""Fixtures of the connection tests: a house on both event loops, and servers that are wrong in every way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import uvloop

from tests.services.trials.authority import Authority
from tests.services.trials.faults import LIST, Den, reply, saying
from tests.support.house import OpenHouse, open_test_house

AtDen = Callable[..., AbstractAsyncContextManager[str]]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Both, for each test of this folder: they tell failures of TLS in ways of their own."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The authority that the house trusts."""
    return Authority(tmp_path / "trusted")


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """An authority that nobody trusts."""
    return Authority(tmp_path / "stranger")


@pytest.fixture
def at_den(authority: Authority, stranger: Authority) -> AtDen:
    """Opens a server that says one thing to everybody, but something else at some paths."""
    return lambda answer, others=None: saying(answer, others)(Den(authority, stranger))


@pytest.fixture
async def fault_free(at_den: AtDen) -> AsyncGenerator[str]:
    """The address of a server where all is well."""
    async with at_den(reply(200, LIST)) as address:
        yield address


@pytest.fixture
async def small_house(sqlite_url: str, tmp_path: Path, authority: Authority) -> AsyncGenerator[OpenHouse]:
    """A house on SQLite that trusts the authority."""
    async with open_test_house(sqlite_url, tmp_path, {"EMPTY": ""}, ca_file=authority.file) as opened:
        yield opened
