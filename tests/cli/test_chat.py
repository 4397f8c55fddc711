"""A chat goes through the model door, waits for the built-in model, and ends with what it used and cost."""

from __future__ import annotations

import io
import json

import pytest

from modelhall.cli.chat import events
from tests.cli.conftest import Command, FakeHouse

DOOR = "POST /v1/chat/completions"
CALL = {"call": "c1", "attempts": [{"input": 10, "output": 2}], "cost": "0.00012"}
HEADERS = {"x_modelhall_call": "c1", "x_modelhall_model": "local/smollm2"}


def stream(*pieces: str, end: str = "stop") -> bytes:
    """An answer in pieces, as a stream of events."""
    told: list[object] = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    told += [{"choices": [{"delta": {}, "finish_reason": end}]}, {"choices": [], "usage": {"prompt_tokens": 10}}]
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in told) + b"data: [DONE]\n\n"


def test_the_answer_is_on_standard_output_and_its_cost_beside_it(fake: FakeHouse, modelhall: Command) -> None:
    fake.on(DOOR, stream("Hel", "lo."), 200, **HEADERS)
    fake.on("GET /api/v1/calls/c1", CALL)
    ended = modelhall("chat", "Say", "hello.", "--model", "local/smollm2", "--max-tokens", "5", "--system", "Be kind.")
    assert (ended.code, ended.out) == (0, "Hello.\n")
    assert ended.err == "local/smollm2 · 10 tokens in · 2 out · $0.00012\n"
    said = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Say hello."}]
    assert fake.asked[0][2] == {"messages": said, "stream": True, "model": "local/smollm2", "max_tokens": 5}


def test_without_a_model_the_default_is_asked(fake: FakeHouse, modelhall: Command) -> None:
    fake.on(DOOR, stream("Hi."), 200, **HEADERS)
    modelhall("chat", "Hi")
    assert "model" not in fake.asked[0][2]


def test_the_prompt_can_come_from_standard_input(
    fake: FakeHouse, modelhall: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.on(DOOR, stream("Hi."), 200, **HEADERS)
    monkeypatch.setattr("sys.stdin", io.StringIO("Say hi.\nPlease.\n"))
    modelhall("chat")
    assert fake.asked[0][2]["messages"][0]["content"] == "Say hi.\nPlease."
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert modelhall("chat").code == 2


def test_programs_get_one_object(fake: FakeHouse, modelhall: Command) -> None:
    fake.on(DOOR, stream("Hel", "lo.", end="length"), 200, **HEADERS)
    fake.on("GET /api/v1/calls/c1", CALL)
    assert modelhall("chat", "Hi", "--json").json == {
        "call": "c1", "model": "local/smollm2", "text": "Hello.", "finish_reason": "length",
        "usage": {"input": 10, "output": 2}, "cost": "0.00012",
    }  # fmt: skip


def test_it_waits_for_the_built_in_model_and_says_how_far_it_is(fake: FakeHouse, modelhall: Command) -> None:
    starting = {"error": {"message": "being fetched", "type": "server_error", "code": "engine_starting"}}
    fake.on(DOOR, starting, 503, retry_after="5")
    fake.on(DOOR, stream("Hi."), 200, **HEADERS)
    fake.on("GET /api/v1/local", {"state": "fetching", "fetched_bytes": 60_000_000, "total_bytes": 120_000_000})
    fake.on("GET /api/v1/local", {"state": "ready"})
    ended = modelhall("chat", "Hi")
    assert (ended.code, ended.out) == (0, "Hi.\n")
    assert "fetching the built-in model … 50 %" in ended.err


def test_it_does_not_wait_for_a_model_that_cannot_run(fake: FakeHouse, modelhall: Command) -> None:
    fake.on(DOOR, {"error": {"message": "being loaded", "code": "engine_starting"}}, 503)
    fake.on("GET /api/v1/local", {"state": "failed", "error": "the disk is full"})
    ended = modelhall("chat", "Hi")
    assert ended.code == 1
    assert "the disk is full" in ended.err


def test_a_refusal_is_told_in_its_own_words(fake: FakeHouse, modelhall: Command) -> None:
    fake.on(DOOR, {"error": {"message": "no such model; nearest: a, b", "code": "model_not_found"}}, 404)
    ended = modelhall("chat", "Hi", "--model", "c")
    assert (ended.code, ended.err) == (1, "no such model; nearest: a, b\n")


def test_an_answer_that_breaks_in_the_middle_is_no_answer(fake: FakeHouse, modelhall: Command) -> None:
    broken = b'data: {"choices": [{"delta": {"content": "Hel"}}]}\n\n'
    fake.on(
        DOOR,
        broken + b'data: {"error": {"message": "the provider hung up", "code": "provider_cut"}}\n\n',
        200,
        **HEADERS,
    )
    ended = modelhall("chat", "Hi")
    assert (ended.code, ended.out, ended.err) == (1, "Hel\n", "the provider hung up\n")


def test_events_are_read_however_they_are_cut() -> None:
    whole = ': keep-alive\r\n\r\ndata: {"a": "ü"}\r\n\r\ndata:{"b": 1}\n\ndata: [DONE]\n\n'.encode()
    for size in range(1, len(whole)):
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        assert list(events(iter(pieces))) == [{"a": "ü"}, {"b": 1}]
