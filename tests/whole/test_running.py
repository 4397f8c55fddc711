"""A running server: it stops in peace, reads its file again, shares with named origins, and keeps its secrets."""

import asyncio
import json
import stat
import time
from pathlib import Path

import aiohttp
import pytest

from tests.whole.counting import counting
from tests.whole.server import Server, server_on

BODY = {"model": "count/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}


async def _key(server: Server, address: str) -> str:
    def set_up() -> str:
        told = ("--base-url", address, "--key", "provider-secret-1", "--allow-private")
        server.run("profile", "add", "count", "--provider", "openai-compatible", *told)
        server.run("model", "sync", "count", "small", "--activate")
        return server.json("key", "create", "one")["key"]

    return await asyncio.to_thread(set_up)


async def test_a_stream_under_way_is_finished_before_the_server_stops(tmp_path: Path) -> None:
    async with counting(pause=0.5) as provider:
        with server_on(tmp_path / "data") as server:
            await asyncio.to_thread(server.start)
            headers = {"authorization": f"Bearer {await _key(server, provider.address)}"}
            body = BODY | {"stream": True}
            async with (
                aiohttp.ClientSession(server.address, headers=headers) as client,
                client.post("/v1/chat/completions", json=body) as response,
            ):
                await response.content.readany()
                stopping = asyncio.create_task(asyncio.to_thread(server.stop))
                await asyncio.sleep(0.2)
                async with aiohttp.ClientSession(server.address) as late:
                    with pytest.raises(aiohttp.ClientConnectionError):
                        await late.get("/healthz")
                assert (await response.read()).endswith(b"data: [DONE]\n\n")
            assert await stopping < 10
            await asyncio.to_thread(server.start)
            (row,) = (await asyncio.to_thread(server.json, "usage"))["rows"]
            assert (row["status"], row["output"]) == ("ok", 5)
            assert list((tmp_path / "data" / "journal").iterdir()) != []
            await asyncio.to_thread(server.stop)
            assert list((tmp_path / "data" / "journal").iterdir()) == []


async def test_a_server_that_is_stopped_under_load_breaks_no_answer(tmp_path: Path) -> None:
    async with counting() as provider:
        with server_on(tmp_path / "data") as server:
            await asyncio.to_thread(server.start)
            headers = {"authorization": f"Bearer {await _key(server, provider.address)}"}
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(server.address, headers=headers, connector=connector) as client:
                callers = [asyncio.create_task(_call_until_closed(client, number)) for number in range(40)]
                await asyncio.sleep(1)
                assert await asyncio.to_thread(server.stop) < 10
                answered = sum(await asyncio.gather(*callers))
            await asyncio.to_thread(server.start)
            statuses = [row["status"] for row in (await asyncio.to_thread(server.json, "usage"))["rows"]]
            await asyncio.to_thread(server.stop)
    assert answered > 40
    assert statuses == ["ok"] * answered
    assert len(provider.seen) == answered


async def _call_until_closed(client: aiohttp.ClientSession, number: int) -> int:
    """Calls again and again until nobody is there; gives how many answers it got, each of them whole."""
    body, answered = BODY | {"stream": number % 2 == 0}, 0
    while True:
        try:
            response = await client.post("/v1/chat/completions", json=body)
        except aiohttp.ClientConnectionError:
            return answered
        async with response:
            said = await response.read()
            if response.status == 200:
                assert said.endswith(b"data: [DONE]\n\n" if body["stream"] else b"}"), said
                answered += 1
            else:
                assert (response.status, json.loads(said)["error"]["code"]) == (503, "not_ready")


async def test_a_changed_file_is_read_again_and_a_bad_one_changes_nothing(tmp_path: Path) -> None:
    origin = {"origin": "https://pages.example"}
    with server_on(tmp_path / "data") as server:
        await asyncio.to_thread(server.start)
        file = tmp_path / "data" / "modelhall.toml"

        async def shared() -> str | None:
            async with (
                aiohttp.ClientSession() as client,
                client.get(f"{server.address}/v1/models", headers=origin) as response,
            ):
                return response.headers.get("access-control-allow-origin")

        assert await shared() is None
        file.write_text('cors_origins = ["https://pages.example"]\n')
        await _until(shared, "https://pages.example")
        file.write_text("cors_origins = [\n")
        await asyncio.sleep(1.5)
        assert await shared() == "https://pages.example"
        file.write_text("")
        await _until(shared, None)


async def _until(look, expected: str | None) -> None:
    async with asyncio.timeout(5):
        while await look() != expected:
            await asyncio.sleep(0.1)


async def test_no_secret_is_in_a_log_line_or_readable_by_others(tmp_path: Path) -> None:
    async with counting() as provider:
        with server_on(tmp_path / "data", MODELHALL_LOG_LEVEL="debug") as server:
            await asyncio.to_thread(server.start)
            key = await _key(server, provider.address)
            async with aiohttp.ClientSession(server.address) as client:
                for carried in (key, "mh_wrong", key + "x"):
                    async with client.post(
                        "/v1/chat/completions", json=BODY, headers={"x-api-key": carried}
                    ) as response:
                        await response.read()
                async with client.post("/api/v1/sessions", json={"link": "nothing"}) as response:
                    assert response.status == 401
            token = json.loads((tmp_path / "data" / "run" / "server.json").read_text())["token"]
            await asyncio.to_thread(server.stop)
    log = (tmp_path / "server.log").read_text()
    assert all(isinstance(json.loads(line), dict) for line in log.splitlines())
    for secret in (key, "provider-secret-1", token, server.link):
        assert secret not in log
        found = [
            path for path in (tmp_path / "data").rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
        ]
        assert found == []
    for path in (tmp_path / "data", tmp_path / "data" / "master.key"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


@pytest.mark.timed
async def test_the_first_answer_is_there_within_the_time_promised(tmp_path: Path) -> None:
    with server_on(tmp_path / "data") as server:
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(server.stop)
        began = time.monotonic()
        await asyncio.to_thread(server.start)
        status, _ = await asyncio.to_thread(server.get, "/healthz")
        assert status == 200
        # 1.5 s is the promise; a machine that runs the rest of the suite beside it gets the double.
        assert time.monotonic() - began < 3.0


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"MODELHALL_WORKERS": "0"}, "workers"),
        ({"VALKEY_URL": "redis://127.0.0.1"}, "VALKEY_URL is reserved"),
        ({"MODELHALL_ADMIN_EMAIL": "a@b.example"}, "one of two settings is missing"),
        ({"MODELHALL_ADMIN_EMAIL": "a@b.example", "MODELHALL_ADMIN_PASSWORD": "admin"}, "the password is too short"),
        ({"MODELHALL_MASTER_KEY": "short"}, "master key"),
        ({"DATABASE_URL": "mysql://h/d"}, "DATABASE_URL"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_change(tmp_path: Path, variables: dict[str, str], words: str) -> None:
    with server_on(tmp_path / "data", **variables) as server, pytest.raises(AssertionError, match="did not start"):
        server.start()
    assert words.lower() in (tmp_path / "server.log").read_text().lower()
