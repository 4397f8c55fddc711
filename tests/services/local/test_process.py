"""The engine's process keeps to itself: loopback only, its key only, nothing to see for other users."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from modelhall.services.local.process import EngineProcess, engine_process
from modelhall.services.local.status import CONTEXT_TOKENS, EMBEDDING_TOKENS, MODEL
from tests.services.local.record import ask
from tests.services.local.waiting import is_alive, until

HELLO = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}


def listening(pid: int) -> set[str]:
    """The addresses on which the process listens, as Linux tells them."""
    sockets = {
        str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if str(link.readlink()).startswith("socket:")
    }
    found: set[str] = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                raw = bytes.fromhex(fields[1].partition(":")[0])
                words = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
                found.add(socket.inet_ntop(family, words))
    return found


async def test_it_listens_on_loopback_only(engine: EngineProcess) -> None:
    assert listening(engine.pid) == {"127.0.0.1"}


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/embeddings", "/tokenize", "/slots"])
async def test_a_wrong_key_is_refused(engine: EngineProcess, path: str) -> None:
    status, _, reply = await ask(engine.address.origin, "wrong", path, HELLO)
    assert status == 401
    assert json.loads(reply)["error"]["type"] == "authentication_error"


async def test_other_users_and_the_log_see_no_key(engine: EngineProcess) -> None:
    key = engine.address.api_key
    assert len(key) >= 32
    assert key not in repr(engine)
    assert key.encode() not in Path(f"/proc/{engine.pid}/cmdline").read_bytes()
    assert key.encode() not in Path(f"/proc/{engine.pid}/environ").read_bytes()


async def test_it_gets_none_of_the_servers_secrets(engine_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELHALL_MASTER_KEY", "planted")
    async with engine_process(engine_home) as engine:
        assert b"planted" not in Path(f"/proc/{engine.pid}/environ").read_bytes()


async def test_it_leaves_when_its_stdin_ends(engine: EngineProcess) -> None:
    assert engine.process.stdin is not None
    engine.process.stdin.close()
    await until(lambda: not is_alive(engine.pid), within_s=3)


async def test_more_calls_than_slots_wait_and_all_are_answered(engine: EngineProcess) -> None:
    where = engine.address
    calls = [ask(where.origin, where.api_key, "/v1/chat/completions", {**HELLO, "stream": True}) for _ in range(24)]
    replies = await asyncio.gather(*calls)
    assert [reply.count("[DONE]") for _, _, reply in replies] == [1] * 24


async def test_a_client_that_leaves_frees_its_slot(engine: EngineProcess) -> None:
    where = engine.address
    long = {**HELLO, "max_tokens": 1900, "ignore_eos": True}
    calls = [
        asyncio.create_task(ask(where.origin, where.api_key, "/v1/chat/completions", {**long, "stream": stream}))
        for stream in (True, False)
    ]
    await asyncio.sleep(0.3)
    for call in calls:
        call.cancel()
    async with asyncio.timeout(3):
        status, _, _ = await ask(where.origin, where.api_key, "/v1/chat/completions", HELLO)
    assert status == 200


async def test_its_limits_are_the_ones_we_tell(engine: EngineProcess) -> None:
    where = engine.address
    digits = {**HELLO, "messages": [{"role": "user", "content": "1" * CONTEXT_TOKENS}]}
    status, _, reply = await ask(where.origin, where.api_key, "/v1/chat/completions", digits)
    assert (status, json.loads(reply)["error"]["n_ctx"]) == (400, CONTEXT_TOKENS)
    for length, expected in ((EMBEDDING_TOKENS, 200), (EMBEDDING_TOKENS + 1, 500)):
        body = {"model": MODEL, "input": "1" * length}
        status, _, _ = await ask(where.origin, where.api_key, "/v1/embeddings", body)
        assert status == expected
