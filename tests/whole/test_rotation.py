"""The master key is changed while calls go on, and the server is killed in the middle: nothing is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web

from modelhall.storage.audit_check import check_audit
from modelhall.storage.database import open_database
from modelhall.storage.sealing import version_of
from modelhall.storage.tables.library import secrets
from modelhall.storage.tables.system import audit
from modelhall.storage.vault import open_vault
from tests.gateway.upstream import chat
from tests.whole.server import Server, server_on

KEYS = 12
CALLERS = 4
BODY = {"model": "den/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}


@dataclass(slots=True)
class Den:
    """A provider that takes only keys it knows."""

    address: str = ""
    keys: set[str] = field(default_factory=lambda: {f"sk-of-the-den-{number:02}" for number in range(KEYS)})
    strangers: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in self.keys:
            self.strangers.append(key)
            return web.json_response({"error": {"message": "who are you?"}}, status=401)
        return web.json_response(chat("Hi", prompt=1, completion=1))


@dataclass(slots=True)
class Life:
    """One life of the server: what was asked of it."""

    server: Server
    key: str
    answered: int = 0
    rotations: int = 0
    dying: bool = False
    failed: list[str] = field(default_factory=list)

    async def call_again_and_again(self, client: aiohttp.ClientSession) -> None:
        while not self.dying:
            try:
                told = {"authorization": f"Bearer {self.key}"}
                async with client.post("/v1/chat/completions", json=BODY, headers=told) as answer:
                    text = await answer.text()
            except (aiohttp.ClientError, OSError) as error:
                if not self.dying:
                    self.failed.append(repr(error))
                return
            self.answered += 1
            if answer.status != 200:
                self.failed.append(f"{answer.status} {text[:200]}")

    async def rotate_again_and_again(self, client: aiohttp.ClientSession, token: str) -> None:
        told = {"authorization": f"Bearer {token}"}
        while not self.dying:
            with suppress(aiohttp.ClientError, OSError):
                async with client.post("/api/v1/master-key/rotate", headers=told) as answer:
                    if answer.status == 200:
                        self.rotations += 1
                    elif not self.dying:
                        self.failed.append(f"rotate: {answer.status} {await answer.text()}")


@pytest.mark.full
async def test_kill_9_while_the_master_key_changes_under_load(
    database_url: str, tmp_path: Path, how_many: Callable[[int, int], int]
) -> None:
    den = Den()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", den.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    den.address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    lives: list[Life] = []
    with server_on(tmp_path / "data", database_url) as server:
        await asyncio.to_thread(server.start)
        key = await set_up(server, den)
        for _ in range(how_many(2, 20)):
            lives.append(await one_life(server, key))
            await asyncio.to_thread(server.start)
            assert await asyncio.to_thread(server.get, "/readyz") == (200, await ready(server))
        await asyncio.to_thread(server.stop)
    await runner.cleanup()
    assert [each for life in lives for each in life.failed] == []
    assert den.strangers == []
    assert sum(life.answered for life in lives) > CALLERS
    assert sum(life.rotations for life in lives) > 0
    await assert_all_opens(database_url, tmp_path / "data")
    changes, calls = sum(each.rotations for each in lives), sum(each.answered for each in lives)
    print(f"{len(lives)} kills, {changes} changes, {calls} calls")


async def set_up(server: Server, den: Den) -> str:
    """A profile with many keys, a model, and a key to call it with."""
    told = {"authorization": f"Bearer {server.token}"}
    first, *rest = sorted(den.keys)
    profile = {
        "provider": "openai-compatible",
        "id": "den",
        "base_url": den.address,
        "key": first,
        "allow_private": True,
    }
    async with aiohttp.ClientSession(server.address + "/api/v1/", headers=told) as client:
        await sent(client, "profiles", profile)
        for secret in rest:
            await sent(client, "profiles/den/keys", {"key": secret})
        await sent(client, "profiles/den/sync", {"models": ["small"], "activate": True})
        return str((await sent(client, "keys", {"name": "caller"}))["key"])


async def sent(client: aiohttp.ClientSession, path: str, body: object) -> Any:
    async with client.post(path, json=body) as answer:
        assert answer.status in {200, 201}, await answer.text()
        return await answer.json()


async def one_life(server: Server, key: str) -> Life:
    """Calls and changes all the time, then `kill -9` at a moment that nobody chose, after the first change."""
    life = Life(server, key)
    async with aiohttp.ClientSession(server.address) as client:
        tasks = [asyncio.create_task(life.call_again_and_again(client)) for _ in range(CALLERS)]
        tasks.append(asyncio.create_task(life.rotate_again_and_again(client, server.token)))
        async with asyncio.timeout(60):
            while life.rotations == 0 or life.answered == 0:
                await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(0, 0.3))
        life.dying = True
        await asyncio.to_thread(server.kill)
        await asyncio.wait_for(asyncio.gather(*tasks), 60)
    return life


async def ready(server: Server) -> Any:
    """What readiness says when all is well."""
    told = (await asyncio.to_thread(server.get, "/readyz"))[1]
    assert told["parts"]["master_key"] == "ok", told
    return told


async def assert_all_opens(database_url: str, data: Path) -> None:
    async with open_database(database_url, data=data) as database:
        vault = await open_vault(database, data)
        assert not vault.locked, vault.locked_because
        async with database.read() as connection:
            rows = (await connection.execute(sa.select(secrets).where(secrets.c.sealed.is_not(None)))).all()
            opened = {vault.open_provider_key(row.id, row.address, row.sealed) for row in rows}
            organisation = (await connection.execute(sa.select(audit.c.organisation_id).limit(1))).scalar_one()
            assert (await check_audit(connection, organisation, vault.sign)).fault is None
    assert {version_of(row.sealed) for row in rows} == {vault.version}
    assert opened == Den().keys
