"""A database that is cut off or frozen is trouble of the house, never the caller's, and nothing is lost by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from modelhall.gateway import allowances
from tests.gateway.hall import Hall, open_hall
from tests.storage.ledger_seeds import rows

ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"


@dataclass(slots=True)
class Wire:
    """The way to the database, which can be cut and frozen."""

    host: str
    port: int
    cut: bool = False
    thawed: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        there, to_there = await asyncio.open_connection(self.host, self.port)
        self.writers += [writer, to_there]
        await asyncio.gather(self._pump(reader, to_there), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self.thawed.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    def break_off(self) -> None:
        self.cut = True
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


@pytest.fixture
async def wire(postgres_url: str) -> AsyncIterator[tuple[Wire, str]]:
    parts = urlsplit(postgres_url)
    wire = Wire(parts.hostname or "127.0.0.1", parts.port or 5432)
    wire.thawed.set()
    server = await asyncio.start_server(wire.join, "127.0.0.1", 0)
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    who = parts.netloc.rpartition("@")[0]
    try:
        yield wire, urlunsplit(parts._replace(netloc=f"{who}@{place}" if who else place))
    finally:
        wire.thawed.set()
        server.close()


@pytest.fixture
async def hall(wire: tuple[Wire, str], tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(wire[1], tmp_path) as opened:
        yield opened


async def _statuses(hall: Hall, keys: list[str]) -> list[int]:
    return [(await hall.call(CHAT, ASK, key)).status for key in keys]


async def test_without_a_database_calls_without_a_budget_go_on_and_others_are_503(
    hall: Hall, wire: tuple[Wire, str]
) -> None:
    await hall.model("small", {"input": "0", "output": "1000"})
    keys = [await hall.key(), await hall.key(budget="5")]
    assert await _statuses(hall, keys) == [200, 200]
    await asyncio.sleep(1.5)
    wire[0].break_off()
    assert await _statuses(hall, keys) == [200, 503]
    assert (await hall.call(CHAT, ASK, "mh_wrong")).status == 401
    await asyncio.sleep(0.5)
    assert await _statuses(hall, keys) == [200, 503]
    wire[0].cut = False
    async with asyncio.timeout(5):
        while await _statuses(hall, keys) != [200, 200]:
            await asyncio.sleep(0.2)
    await hall.settled()
    assert len(await rows(hall.database)) == len(hall.provider.sent)


async def test_a_frozen_database_makes_a_budget_wait_only_so_long(
    hall: Hall, wire: tuple[Wire, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "PATIENCE_S", 0.5)
    await hall.model("small", {"input": "0", "output": "1000"})
    keys = [await hall.key(), await hall.key(budget="5")]
    wire[0].thawed.clear()
    async with asyncio.timeout(3):
        assert await _statuses(hall, keys) == [200, 503]
    wire[0].thawed.set()
    async with asyncio.timeout(5):
        while await _statuses(hall, keys) != [200, 200]:
            await asyncio.sleep(0.2)
    await hall.settled()
    assert len(await rows(hall.database)) == len(hall.provider.sent)
