"""Whatever dies, every attempt that the provider saw has exactly one row, and no acknowledged usage is lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from modelhall.storage.database import open_database
from modelhall.storage.tables.money import attempts, budget_windows
from tests.whole.counting import Counting, counting
from tests.whole.server import Server, server_on

IN_FLIGHT = 20


@pytest.mark.full
async def test_kill_9_loses_no_row_and_doubles_none(
    database_url: str, tmp_path: Path, how_many: Callable[[int, int], int]
) -> None:
    acknowledged: Counter[str] = Counter()
    async with counting() as provider:
        with server_on(tmp_path / "data", database_url) as server:
            server.start()
            key = await asyncio.to_thread(_set_up, server, provider)
            for cycle in range(how_many(20, 100)):
                await _one_life(server, key, cycle, acknowledged)
                await asyncio.to_thread(server.start)
            # The next life's start folded what the last one left.
            await asyncio.to_thread(server.stop)
    rows = await _rows(database_url, tmp_path)
    written = Counter(row["id"] for row in rows)
    assert [attempt for attempt in provider.seen if written[attempt] != 1] == []
    never_arrived = [row for row in rows if row["id"] not in set(provider.seen)]
    assert {row["status"] for row in never_arrived} <= {"unknown"}
    by_call = {row["call_id"]: row for row in rows}
    wrong = [by_call.get(call) for call in acknowledged if not _is_exact(by_call.get(call))]
    assert wrong == []
    assert len(acknowledged) > IN_FLIGHT
    assert await _held(database_url, tmp_path) == (sum(row["charge"] or row["unconfirmed"] or 0 for row in rows), 0)


def _is_exact(row: sa.RowMapping | None) -> bool:
    return row is not None and (row["status"], row["input"], row["output"], row["cost"]) == ("ok", 7, 5, 17_000)


def _set_up(server: Server, provider: Counting) -> str:
    server.run(
        "profile",
        "add",
        "count",
        "--provider",
        "openai-compatible",
        "--base-url",
        provider.address,
        "--key",
        "k",
        "--allow-private",
    )
    server.run("model", "sync", "count", "small", "--activate")
    server.run("model", "price", "count/small", "--input-per-mtok", "1", "--output-per-mtok", "2")
    return server.json("key", "create", "killer", "--budget-usd", "1000")["key"]


async def _one_life(server: Server, key: str, cycle: int, acknowledged: Counter[str]) -> None:
    """Calls in flight all the time, then `kill -9` at a moment that nobody chose."""
    async with aiohttp.ClientSession() as client:
        callers = [
            asyncio.create_task(_keep_calling(client, server.address, key, f"{cycle}-{n}", acknowledged))
            for n in range(IN_FLIGHT)
        ]
        await asyncio.sleep(random.uniform(0.05, 0.6))
        await asyncio.to_thread(server.kill)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)


async def _keep_calling(
    client: aiohttp.ClientSession, address: str, key: str, name: str, acknowledged: Counter[str]
) -> None:
    number = 0
    while True:
        number += 1
        streamed = number % 2 == 0
        body = {
            "model": "count/small",
            "messages": [{"role": "user", "content": f"{name}-{number}"}],
            "stream": streamed,
            "max_tokens": 5,
        }
        try:
            async with client.post(
                f"{address}/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"}
            ) as response:
                answer = await response.read()
        except aiohttp.ClientError:
            return
        assert response.status == 200, answer
        if not streamed or answer.endswith(b"data: [DONE]\n\n"):
            acknowledged[response.headers["x-modelhall-call"]] += 1


async def _rows(database_url: str, tmp_path: Path) -> list[sa.RowMapping]:
    async with open_database(database_url, data=tmp_path / "data") as database, database.read() as connection:
        return list((await connection.execute(sa.select(attempts))).mappings())


async def _held(database_url: str, tmp_path: Path) -> tuple[int, int]:
    async with open_database(database_url, data=tmp_path / "data") as database, database.read() as connection:
        row = (await connection.execute(sa.select(budget_windows.c.spent, budget_windows.c.held))).one()
    return row.spent, row.held
