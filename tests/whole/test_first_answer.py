"""From nothing to a metered answer of the real built-in model, as a person does it."""

import asyncio
import json
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from modelhall.storage.database import open_database
from modelhall.storage.tables.money import attempts
from tests.whole.server import Server, server_on

MODEL = "local/smollm2-135m-instruct"


async def test_a_key_streams_an_answer_from_the_built_in_model_metered_to_the_token(
    database_url: str, tmp_path: Path
) -> None:
    with server_on(tmp_path / "data", database_url, MODELHALL_ENGINE="true") as server:
        await asyncio.to_thread(server.start)
        key = await asyncio.to_thread(lambda: server.json("key", "create", "mine")["key"])
        told, text = await _ask(server, key)
        assert text.strip()
        usage = await asyncio.to_thread(server.json, "usage")
        (row,) = usage["rows"]
        assert row["model"] == MODEL
        assert row.get("input", 0) + row.get("cache_read", 0) == told["prompt_tokens"]
        assert row["output"] == told["completion_tokens"]
        assert (row["status"], row["cost"], row["charge"]) == ("ok", "0", "0")
        assert usage["total"]["output"] == told["completion_tokens"]
        await asyncio.to_thread(server.stop)
    async with open_database(database_url, data=tmp_path / "data") as database, database.read() as connection:
        (written,) = (await connection.execute(sa.select(attempts))).mappings()
    assert (written["id"], written["output"]) == (row["attempt"], told["completion_tokens"])


async def _ask(server: Server, key: str) -> tuple[dict[str, int], str]:
    """Usage as the engine told it, and the text; waits while the engine is loading."""
    body = {
        "messages": [{"role": "user", "content": "Say hello."}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 20,
    }
    headers = {"authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession() as client:
        while True:
            async with client.post(f"{server.address}/v1/chat/completions", json=body, headers=headers) as response:
                if response.status == 503:
                    assert (await response.json())["error"]["code"] == "engine_starting"
                    await asyncio.sleep(int(response.headers["retry-after"]))
                    continue
                assert response.status == 200, await response.text()
                assert response.headers["x-modelhall-model"] == MODEL
                events = [json.loads(line[6:]) async for line in response.content if line.startswith(b"data: {")]
                choices = [choice for event in events for choice in event["choices"]]
                return events[-1]["usage"], "".join(choice["delta"].get("content") or "" for choice in choices)
