"""Whatever a provider pours out and however slowly a client drinks, the gateway stays small and serves the others."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import FULL
from tests.gateway.crowd import connected
from tests.gateway.listening import CHAT, ask, heard
from tests.whole.flooding import MB, TORRENT_MB, flooding
from tests.whole.server import Server, server_on

pytestmark = pytest.mark.alone
FLOODS = (
    "no-line-end", "no-line-end-in-the-middle", "giant-event", "empty-events", "empty-events-in-the-middle",
    "blank-lines", "comments", "deep", "bomb", "endless-head",
)  # fmt: skip
HARMLESS = {"empty-events-in-the-middle", "blank-lines", "comments", "deep"}
"""These may pass, because each of their events is small; they end as a cut stream does, without the dialect's end."""
TRIES = 3 if FULL else 1
MOST_MB = 32
MOST_MB_A_READER = 0.5
WARM = 10
"""Readers that come first: what only the first ones cost is not counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """A server in a process of its own, with a provider in another one."""

    server: Server
    key: str
    provider: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    def memory(self, field: str = "VmRSS") -> float:
        """The server's memory in MB, now or at its most (`VmHWM`)."""
        assert self.server.process is not None
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(status.partition(f"{field}:")[2].split()[0]) / 1024

    def forget_the_most(self) -> None:
        """Has the kernel count the most memory anew."""
        assert self.server.process is not None
        Path(f"/proc/{self.server.process.pid}/clear_refs").write_text("5")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, events, depth = (
        tmp_path_factory.mktemp("floods"),
        *((10_000_000, 1_000_000) if FULL else (150_000, 100_000)),
    )
    with flooding(events, depth) as provider, flooding(1, 1) as calm, server_on(folder / "data") as server:
        server.start()
        for profile, address in (("mock", provider), ("calm", calm)):
            at = ("--provider", "openai-compatible", "--base-url", address, "--allow-private")
            server.run("profile", "add", profile, *at, "--key", "k")
            server.run("model", "sync", profile, "small", "--activate")
        yield Place(server, server.json("key", "create", "one")["key"], provider)


def body(script: str, *, stream: bool = True) -> dict[str, object]:
    return ask("mock/small", script, stream=stream)


async def others(client: aiohttp.ClientSession, until: asyncio.Event) -> list[float]:
    """How long small calls take while something else goes on, one about every 20 ms; enough for a 99th percentile."""
    took: list[float] = []
    while not until.is_set() or len(took) < (300 if FULL else 60):
        began = time.monotonic()
        async with client.post(CHAT, json=ask("calm/small", "well", stream=True)) as response:
            assert heard(await response.read()).errors == 0
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.02)
    return took


@pytest.mark.full
@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_takes_little_memory_and_slows_nobody(place: Place, name: str) -> None:
    for _ in range(TRIES - 1):  # what the machine itself does in between must not count
        alone, beside = await _flooded(place, name)
        if beside <= 2 * alone:
            return
    alone, beside = await _flooded(place, name)
    assert beside <= 2 * alone if FULL else beside < 2


async def _flooded(place: Place, name: str) -> tuple[float, float]:
    """What others wait at the 99th percentile without and beside one flood, in seconds; its answer must be right."""
    async with aiohttp.ClientSession(place.server.address, headers=place.headers) as client:
        over = asyncio.Event()
        over.set()
        alone = await others(client, over)
        over.clear()
        place.forget_the_most()
        before = place.memory()
        beside = asyncio.create_task(others(client, over))
        began = time.monotonic()
        async with client.post(CHAT, json=body(name)) as response:
            tail = b""
            async for data in response.content.iter_any():
                tail = (tail + data)[-2000:]
        took = time.monotonic() - began
        over.set()
        waits = await beside
    grown = place.memory("VmHWM") - before
    before_s, beside_s = (statistics.quantiles(each, n=100)[98] for each in (alone, waits))
    said = f"others' p99 {before_s * 1000:.0f} -> {beside_s * 1000:.0f} ms"
    print(f"{name}: {response.status}, {took:.1f} s, +{grown:.1f} MB, {said}")
    assert grown <= MOST_MB
    assert b"[DONE]" not in tail
    assert response.status == 502 or (response.status == 200 and b'"error"' in tail), tail
    assert took < (10 if name not in HARMLESS else 120)
    return before_s, beside_s


@pytest.mark.full
async def test_readers_that_stop_stop_their_providers_and_take_little_memory(
    place: Place, how_many: Callable[[int, int], int]
) -> None:
    count = how_many(20, 300)
    raw = json.dumps(body("torrent")).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {place.key}\r\ncontent-length: {len(raw)}\r\n\r\n"
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as client:

        async def more(readers: int) -> None:
            for _ in range(readers):
                reader, writer = await stack.enter_async_context(connected(place.server.address))
                writer.write(head.encode() + raw)
                await reader.readuntil(b"\r\n\r\n")

        await more(WARM)
        await _at_rest(client, place, WARM)
        before = place.memory()
        await more(count)
        sent = await _at_rest(client, place, WARM + count)
        grown, most = (place.memory() - before) / count, max(sent) / MB
        print(f"{count} readers: +{grown:.2f} MB each, at most {most:.1f} MB of {TORRENT_MB} were taken for one")
        assert grown <= MOST_MB_A_READER
        assert most < TORRENT_MB / 2  # what fits into the kernel's buffers of two connections
    async with aiohttp.ClientSession() as client, asyncio.timeout(10):
        while (await _torrents(client, place))["left"] < WARM + count:
            await asyncio.sleep(0.1)


async def _at_rest(client: aiohttp.ClientSession, place: Place, count: int) -> list[int]:
    """How much was sent of each torrent, when nothing more is sent of any."""
    before: list[int] = []
    async with asyncio.timeout(120):
        while len(now := (await _torrents(client, place))["written"]) < count or now != before:
            before = now
            await asyncio.sleep(1)
    return before


async def _torrents(client: aiohttp.ClientSession, place: Place) -> dict[str, Any]:
    async with client.post(f"{place.provider}/chat/completions", json=body("written")) as response:
        return json.loads(await response.read())
