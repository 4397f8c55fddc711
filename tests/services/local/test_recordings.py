"""The recorded replies still are what the engine says and counts."""

import json
from collections.abc import Iterator

import pytest

from modelhall.services.local.process import EngineProcess
from tests.services.local.record import CASSETTES, ask, read_cassette

# How much of a prompt was cached depends on what was asked before; the sum does not.
PROMPT_PARTS = ("prompt_tokens", "input_tokens", "cache_read_input_tokens")


def payloads(reply: str) -> Iterator[dict[str, object]]:
    """The JSON objects of a reply, streamed or not."""
    if reply.startswith("{"):
        yield json.loads(reply)
        return
    for line in reply.splitlines():
        if line.startswith("data: {"):
            yield json.loads(line[6:])


def counts(reply: str) -> dict[str, int]:
    """All that is counted anywhere in the reply: the prompt as one sum, the answer."""
    told: dict[str, int] = {}
    for payload in payloads(reply):
        message = payload.get("message")
        for holder in (payload, message if isinstance(message, dict) else {}):
            usage = holder.get("usage")
            told.update({k: v for k, v in usage.items() if isinstance(v, int)} if isinstance(usage, dict) else {})
    prompt = sum(told.get(name, 0) for name in PROMPT_PARTS)
    return {"prompt": prompt, "answer": told.get("completion_tokens", told.get("output_tokens", 0))}


def shape(reply: str) -> set[tuple[str, ...]]:
    return {tuple(sorted(payload)) for payload in payloads(reply)}


@pytest.mark.parametrize("name", sorted(file.name for file in CASSETTES.iterdir()))
async def test_the_engine_still_answers_as_recorded(engine: EngineProcess, name: str) -> None:
    tape = read_cassette(CASSETTES / name)
    assert f"xllamacpp {engine.version}," in tape.origin
    key = "wrong" if name == "error_wrong_key.json" else engine.address.api_key
    status, content_type, reply = await ask(engine.address.origin, key, tape.path, tape.body)
    assert (status, content_type) == (tape.status, tape.content_type)
    assert shape(reply) == shape(tape.reply)
    assert counts(reply) == counts(tape.reply)
