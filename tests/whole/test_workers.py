"""Several workers are one server: nothing is counted twice, lost, or known to one of them alone."""

import asyncio
import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from modelhall.domain.errors import SetupError
from modelhall.storage.database import open_database
from modelhall.storage.datadir import lock_data_dir
from modelhall.storage.sqlite import SAFE_WITH_MANY_WRITERS
from modelhall.storage.tables.money import attempts, budget_windows
from tests.whole.counting import Counting, counting
from tests.whole.processes import PATIENCE_S, Line, are_gone, holders, kill, line_to, until_gone, until_whole
from tests.whole.server import Server, server_on

IN_FLIGHT = 16
TWO = {"MODELHALL_WORKERS": "2", "MODELHALL_SHUTDOWN_SECONDS": "20"}
BODY = {"model": "count/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}


def set_up(server: Server, provider: Counting, *prices: str, budget: str = "1000") -> str:
    """A model of this provider and a key for it."""
    told = ("--base-url", provider.address, "--key", "k", "--allow-private")
    server.run("profile", "add", "count", "--provider", "openai-compatible", *told)
    server.run("model", "sync", "count", "small", "--activate")
    server.run("model", "price", "count/small", *(prices or ("--input-per-mtok", "1", "--output-per-mtok", "2")))
    return server.json("key", "create", "caller", "--budget-usd", budget)["key"]


@dataclass(slots=True)
class Callers:
    """People who call all the time, streamed and whole by turns, and come again when their connection breaks."""

    server: Server
    key: str
    whole: Counter[str] = field(default_factory=Counter[str])
    """Calls whose answer came to its end, by id."""
    cut: int = 0
    """Answers that had begun and did not come to their end."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep_calling(self, name: str) -> None:
        number = 0
        async with aiohttp.ClientSession(headers={"authorization": f"Bearer {self.key}"}) as client:
            while not self.over.is_set():
                number += 1
                said = [{"role": "user", "content": f"{name}-{number}"}]
                if not await self._call(client, BODY | {"messages": said, "stream": number % 2 == 0}):
                    await asyncio.sleep(0.05)

    async def _call(self, client: aiohttp.ClientSession, body: dict[str, object]) -> bool:
        begun = False
        try:
            async with client.post(f"{self.server.address}/v1/chat/completions", json=body) as response:
                begun = response.status == 200
                answer = await response.read()
        except (aiohttp.ClientError, OSError):
            self.cut += begun
            return False
        if response.status == 503:
            assert b"the server is stopping" in answer
            return False
        assert response.status == 200, answer
        if body["stream"] and not answer.endswith(b"data: [DONE]\n\n"):
            self.cut += 1
        else:
            self.whole[response.headers["x-modelhall-call"]] += 1
        return True


@asynccontextmanager
async def calling(server: Server, key: str) -> AsyncGenerator[Callers]:
    """As long as the context lasts; at its end every caller waits for its last answer."""
    callers = Callers(server, key)
    async with asyncio.TaskGroup() as group:
        for number in range(IN_FLIGHT):
            group.create_task(callers.keep_calling(str(number)))
        try:
            yield callers
        finally:
            callers.over.set()


async def rows_of(database_url: str, data: Path) -> list[sa.RowMapping]:
    async with open_database(database_url, data=data) as database, database.read() as connection:
        return list((await connection.execute(sa.select(attempts))).mappings())


async def assert_exact(database_url: str, data: Path, provider: Counting, whole: Counter[str]) -> None:
    """One row for each attempt that the provider saw, each whole answer to the token, and no money left over."""
    rows = await rows_of(database_url, data)
    written = Counter(row["id"] for row in rows)
    assert [attempt for attempt in provider.seen if written[attempt] != 1] == []
    assert set(written.values()) <= {1}
    seen = set(provider.seen)
    assert {row["status"] for row in rows if row["id"] not in seen} <= {"unknown", "client_gone", "failed"}
    by_call = {row["call_id"]: row for row in rows}
    wrong = [by_call.get(call) for call in whole if not _is_exact(by_call.get(call))]
    assert wrong == []
    async with open_database(database_url, data=data) as database, database.read() as connection:
        window = (await connection.execute(sa.select(budget_windows.c.spent, budget_windows.c.held))).one()
    assert tuple(window) == (sum(row["charge"] or row["unconfirmed"] or 0 for row in rows), 0)


def _is_exact(row: sa.RowMapping | None) -> bool:
    return row is not None and (row["status"], row["input"], row["output"], row["cost"]) == ("ok", 7, 5, 17_000)


@pytest.mark.full
async def test_whoever_is_killed_no_row_is_lost_or_doubled(
    database_url: str, tmp_path: Path, how_many: Callable[[int, int], int]
) -> None:
    whole = Counter[str]()
    async with counting() as provider:
        with server_on(tmp_path / "data", database_url, **TWO) as server:
            await asyncio.to_thread(server.start)
            key = await asyncio.to_thread(set_up, server, provider)
            pids = list[int]()
            for cycle in range(how_many(3, 50)):
                pids = await until_whole(server, 2)
                async with calling(server, key) as callers:
                    await asyncio.sleep(random.uniform(0.3, 1.5))
                    match cycle % 3:
                        case 0:
                            kill(random.choice(pids))
                        case 1:
                            kill(*pids)
                        case _:
                            await asyncio.to_thread(server.kill)
                    await asyncio.sleep(0.3)
                whole += callers.whole
                if server.process is None:
                    await until_gone(pids)
                    await asyncio.to_thread(server.start)
            await until_whole(server, 2)
            await asyncio.to_thread(server.stop)
        assert are_gone(pids)
        assert len(whole) > IN_FLIGHT
        await assert_exact(database_url, tmp_path / "data", provider, whole)


async def test_a_hard_budget_holds_to_the_call_over_two_workers(database_url: str, tmp_path: Path) -> None:
    async with counting() as provider:
        with server_on(tmp_path / "data", database_url, **TWO) as server:
            await asyncio.to_thread(server.start)
            prices = ("--input-per-mtok", "0", "--output-per-mtok", "20000")
            key = await asyncio.to_thread(lambda: set_up(server, provider, *prices, budget="5"))
            await until_whole(server, 2)
            gate, statuses = asyncio.Semaphore(100), Counter[int]()
            async with aiohttp.ClientSession(headers={"authorization": f"Bearer {key}"}) as client:

                async def one() -> None:
                    async with gate, client.post(f"{server.address}/v1/chat/completions", json=BODY) as response:
                        await response.read()
                        statuses[response.status] += 1

                await asyncio.gather(*(one() for _ in range(400)))
            assert statuses == {200: 50, 402: 350}
            assert len(provider.seen) == 50
            await asyncio.to_thread(server.stop)
        rows = await rows_of(database_url, tmp_path / "data")
        assert sum(row["charge"] for row in rows) == 5_000_000_000


async def test_what_one_worker_does_all_know(database_url: str, tmp_path: Path) -> None:
    async with counting() as provider:
        with server_on(tmp_path / "data", database_url, **TWO) as server:
            await asyncio.to_thread(server.start)
            await asyncio.to_thread(set_up, server, provider)
            one, other = await until_whole(server, 2)
            await asyncio.to_thread(_all_know, server, one, other)


def _all_know(server: Server, one: int, other: int) -> None:
    with closing(line_to(server, one)) as here, closing(line_to(server, other)) as there:
        _one_link_one_session(server, here, there)
        _lines_know(server.token, here, there)


def _lines_know(token: str, here: Line, there: Line) -> None:
    for line in (here, there):
        assert line.ask("GET", "/readyz")[0] == 200
    # A key is good everywhere as soon as it is told.
    key = ""
    for number in range(5):
        status, made, _ = here.ask("POST", "/api/v1/keys", {"name": f"key-{number}", "role": "viewer"}, token)
        assert status == 201
        key = made["key"]
        assert there.ask("GET", "/v1/models", key=key)[0] == 200
    # A call is in the ledger for whoever asks, at once.
    calls = list[str]()
    for line, asked in ((here, there), (there, here), (here, here)):
        status, _, headers = line.ask("POST", "/v1/chat/completions", BODY, key)
        assert status == 200
        calls.append(headers["x-modelhall-call"])
        status, call, _ = asked.ask("GET", f"/api/v1/calls/{calls[-1]}", key=key)
        assert (status, len(call["attempts"])) == (200, 1)
    # The sums are the same, whoever is asked.
    figure = re.compile(r'modelhall_attempts_total\{model="small",profile="count",status="ok"\} (\S+)')
    for line in (here, there):
        assert figure.findall(line.ask("GET", "/metrics", key=key)[1]) == ["3.0"]
    kill(here.worker)
    left = there.ask("GET", "/metrics", key=key)[1]
    assert figure.findall(left) == ["3.0"]


def _one_link_one_session(server: Server, here: Line, there: Line) -> None:
    """The link that was printed opens one session, which is good at every worker."""
    origin = {"origin": server.address}
    opened = here.ask("POST", "/api/v1/sessions", {"link": server.link}, **origin)
    assert opened[0] == 204
    for line in (there, here):
        assert line.ask("POST", "/api/v1/sessions", {"link": server.link}, **origin)[0] == 401
        cookie = opened[2]["set-cookie"].partition(";")[0]
        assert line.ask("GET", "/api/v1/session", cookie=cookie)[0] == 200


async def test_stopping_under_load_loses_nothing(database_url: str, tmp_path: Path) -> None:
    async with counting() as provider:
        with server_on(tmp_path / "data", database_url, **TWO) as server:
            await asyncio.to_thread(server.start)
            key = await asyncio.to_thread(set_up, server, provider)
            pids = await until_whole(server, 2)
            async with calling(server, key) as callers:
                await asyncio.sleep(1)
                await asyncio.to_thread(server.stop)
            assert are_gone(pids)
        assert callers.cut == 0
        assert len(callers.whole) > IN_FLIGHT
        assert list((tmp_path / "data" / "journal").iterdir()) == []
        await assert_exact(database_url, tmp_path / "data", provider, callers.whole)


async def test_workers_whose_parent_is_killed_finish_their_calls_and_the_next_server_waits_for_them(
    tmp_path: Path,
) -> None:
    async with counting(pause=0.5) as provider:
        with server_on(tmp_path / "data", **TWO) as server:
            await asyncio.to_thread(server.start)
            key = await asyncio.to_thread(set_up, server, provider)
            pids = await until_whole(server, 2)
            async with (
                aiohttp.ClientSession(server.address, headers={"authorization": f"Bearer {key}"}) as client,
                client.post("/v1/chat/completions", json=BODY | {"stream": True}) as response,
            ):
                await response.content.readany()
                await asyncio.to_thread(server.kill)
                with pytest.raises(SetupError, match="workers of a server that was killed"):
                    lock_data_dir(tmp_path / "data").__enter__()
                starting = asyncio.create_task(asyncio.to_thread(server.start))
                assert (await response.read()).endswith(b"data: [DONE]\n\n")
            assert await until_gone(pids) < 15
            await starting
            (row,) = (await asyncio.to_thread(server.json, "usage"))["rows"]
            assert (row["status"], row["output"]) == ("ok", 5)
            await asyncio.to_thread(server.stop)


async def test_connections_are_shared_evenly_and_one_worker_leaves_without_disturbing_the_others(
    tmp_path: Path,
) -> None:
    async with counting(pause=0.3) as provider:
        with server_on(tmp_path / "data", **TWO) as server:
            await asyncio.to_thread(server.start)
            key = await asyncio.to_thread(set_up, server, provider)
            pids = await until_whole(server, 2)
            ports = list[int]()
            headers, connector = {"authorization": f"Bearer {key}"}, aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(server.address, headers=headers, connector=connector) as client:

                async def stream(all_here: asyncio.Barrier) -> tuple[int, bytes]:
                    async with client.post("/v1/chat/completions", json=BODY | {"stream": True}) as response:
                        assert response.connection is not None
                        assert response.connection.transport is not None
                        port = response.connection.transport.get_extra_info("sockname")[1]
                        ports.append(port)
                        await all_here.wait()
                        return port, await response.read()

                all_here = asyncio.Barrier(65)
                streams = [asyncio.create_task(stream(all_here)) for _ in range(64)]
                await all_here.wait()
                split = Counter((await asyncio.to_thread(holders, ports)).values())
                assert set(split) == set(pids)
                assert min(split.values()) >= 64 * 0.3, split
                os.kill(pids[0], signal.SIGTERM)
                for _, answer in await asyncio.gather(*streams):
                    assert answer.endswith(b"data: [DONE]\n\n")
                async with client.get("/healthz") as response:
                    assert response.status == 200
            await until_whole(server, 2, without=pids[:1])
            await asyncio.to_thread(server.stop)


async def test_every_worker_reads_a_changed_file_and_reaches_the_built_in_model(tmp_path: Path) -> None:
    with server_on(tmp_path / "data", MODELHALL_ENGINE="true", **TWO) as server:
        await asyncio.to_thread(server.start)
        key = await asyncio.to_thread(lambda: server.json("key", "create", "caller")["key"])
        (tmp_path / "data" / "modelhall.toml").write_text('cors_origins = ["https://pages.example"]\n')
        for pid in await until_whole(server, 2):
            await asyncio.to_thread(_file_and_model, server, pid, key)


def _file_and_model(server: Server, worker: int, key: str) -> None:
    deadline, body = time.monotonic() + PATIENCE_S, BODY | {"model": "default"}
    with closing(line_to(server, worker)) as line:
        while "access-control-allow-origin" not in line.ask("GET", "/v1/models", origin="https://pages.example")[2]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while (answer := line.ask("POST", "/v1/chat/completions", body, key))[0] == 503:
            assert answer[1]["error"]["code"] == "engine_starting"
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert (answer[0], answer[2]["x-modelhall-model"]) == (200, "local/smollm2-135m-instruct")


def test_several_workers_on_an_old_sqlite_are_refused(tmp_path: Path) -> None:
    if sqlite3.sqlite_version_info >= SAFE_WITH_MANY_WRITERS:
        pytest.skip("the system's own SQLite is new enough")
    (tmp_path / "pysqlite3.py").write_text("sqlite_version_info = (0, 0, 0)\n")  # hides the newer one
    path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    with (
        server_on(tmp_path / "data", PYTHONPATH=path, **TWO) as server,
        pytest.raises(AssertionError, match=r"3\.51\.3 is needed.*--workers 1"),
    ):
        server.start()
    assert not (tmp_path / "data").exists()
