"""Made-up answers: the same one whole and as a stream, in the dialect of whoever gives it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.dialects.dialect import Ask, Dialect, Reader
from modelhall.dialects.translate.bridge import bridge
from modelhall.dialects.translate.expects import Envelope, Expects
from tests.dialects.translate.talk import NAMES, OBJECTS, WORDS, thought_parts

ENVELOPE = Envelope(model="as-asked", id="reply-1", created=1_700_000_000)
COUNTS = st.integers(0, 10_000)


def reader(
    source: Dialect, target: Dialect, *, stream: bool, wants_usage: bool = True, expects: Expects | None = None
) -> Reader:
    """A reader of the target's answer for a caller who speaks `source`."""
    way = bridge(source, target)
    assert way is not None
    return way.reader(Ask(model="m", stream=stream, wants_usage=wants_usage), expects or Expects(), ENVELOPE)


def heard(of: Reader, *reads: bytes) -> bytes:
    """All that goes out."""
    return b"".join(of.feed(read) for read in reads) + of.end()


def for_openai(answer: bytes, **options: Any) -> bytes:
    """An answer of Anthropic's for a client of OpenAI's."""
    return heard(reader(openai_chat, anthropic_messages, **options), answer)


def for_anthropic(answer: bytes, **options: Any) -> bytes:
    """An answer of OpenAI's for a client of Anthropic's."""
    return heard(reader(anthropic_messages, openai_chat, **options), answer)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """What a model answers, in no dialect; the pieces are how a stream cuts it."""
    calls = draw(st.lists(st.tuples(NAMES, OBJECTS), max_size=3))
    return {
        "thoughts": draw(st.lists(thought_parts, max_size=2)),
        "text": draw(st.lists(WORDS, max_size=4)),
        "calls": [(f"call_{at}", name, json.dumps(given)) for at, (name, given) in enumerate(calls)],
        "cut": draw(st.booleans()),
        "in": draw(COUNTS),
        "cached": draw(st.none() | COUNTS),
        "out": draw(COUNTS),
    }


def openai_whole(said: dict[str, Any]) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(said["text"]) or None}
    if said["thoughts"]:
        message["reasoning_details"] = [openai_thought(at, *each) for at, each in enumerate(said["thoughts"])]
    if said["calls"]:
        message["tool_calls"] = [openai_call(id, name, text) for id, name, text in said["calls"]]
    choice = {"index": 0, "message": message, "finish_reason": openai_reason(said)}
    return json.dumps(
        {**OPENAI_HEAD, "object": "chat.completion", "choices": [choice], "usage": openai_used(said)}
    ).encode()


def openai_stream(said: dict[str, Any]) -> bytes:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    for at, each in enumerate(said["thoughts"]):
        thought = openai_thought(at, *each)
        proof = {name: thought.pop(name) for name in ("signature",) if name in thought}
        deltas.append({"reasoning_details": [thought]})
        if proof:
            deltas.append({"reasoning_details": [{"type": "reasoning.text", "index": at, **proof}]})
    deltas += [{"content": piece} for piece in said["text"]]
    for at, (id, name, text) in enumerate(said["calls"]):
        deltas.append({"tool_calls": [{"index": at, **openai_call(id, name, "")}]})
        deltas += [
            {"tool_calls": [{"index": at, "function": {"arguments": text[from_ : from_ + 5]}}]}
            for from_ in range(0, len(text), 5)
        ]
    chunks = [[{"index": 0, "delta": delta, "finish_reason": None}] for delta in deltas]
    chunks.append([{"index": 0, "delta": {}, "finish_reason": openai_reason(said)}])
    told = [{**OPENAI_HEAD, "choices": choices, "usage": None} for choices in chunks]
    told.append({**OPENAI_HEAD, "choices": [], "usage": openai_used(said)})
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in told) + b"data: [DONE]\n\n"


OPENAI_HEAD = {"id": "chatcmpl-7", "created": 1_800_000_000, "model": "gpt"}


def openai_thought(at: int, kind: str, value: str, proof: str = "") -> dict[str, Any]:
    if kind == "hidden":
        return {"type": "reasoning.encrypted", "data": value, "index": at}
    return {"type": "reasoning.text", "text": value, "signature": proof, "index": at}


def openai_call(id: str, name: str, text: str) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": text}}


def openai_reason(said: dict[str, Any]) -> str:
    return "length" if said["cut"] else "tool_calls" if said["calls"] else "stop"


def openai_used(said: dict[str, Any]) -> dict[str, Any]:
    cached = said["cached"]
    usage: dict[str, Any] = {"prompt_tokens": said["in"] + (cached or 0), "completion_tokens": said["out"]}
    if cached is not None:
        usage["prompt_tokens_details"] = {"cached_tokens": cached}
    return {**usage, "total_tokens": usage["prompt_tokens"] + said["out"]}


def anthropic_whole(said: dict[str, Any]) -> bytes:
    content: list[dict[str, Any]] = [anthropic_thought(*each) for each in said["thoughts"]]
    content += [{"type": "text", "text": words} for words in said["text"]]
    content += [
        {"type": "tool_use", "id": id, "name": name, "input": json.loads(text)} for id, name, text in said["calls"]
    ]
    message = {**ANTHROPIC_HEAD, "content": content, "stop_reason": anthropic_reason(said), "stop_sequence": None}
    return json.dumps({**message, "usage": anthropic_used(said)}).encode()


def anthropic_stream(said: dict[str, Any]) -> bytes:
    start = {
        **ANTHROPIC_HEAD,
        "content": [],
        "stop_reason": None,
        "usage": {**anthropic_used(said), "output_tokens": 0},
    }
    events: list[dict[str, Any]] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    blocks = [(anthropic_thought(*each), []) for each in said["thoughts"]]
    for block, deltas in blocks:
        for field, kind in (("thinking", "thinking_delta"), ("signature", "signature_delta")):
            if field in block:
                deltas.append({"type": kind, field: block[field]})
                block[field] = ""
    blocks += [({"type": "text", "text": ""}, [{"type": "text_delta", "text": words}]) for words in said["text"]]
    for id, name, text in said["calls"]:
        pieces = [text[at : at + 5] for at in range(0, len(text), 5)]
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces]]
        blocks.append(({"type": "tool_use", "id": id, "name": name, "input": {}}, deltas))
    for index, (block, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": anthropic_reason(said), "stop_sequence": None}
    events.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": said["out"]}})
    events.append({"type": "message_stop"})
    return b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in events)


ANTHROPIC_HEAD = {"id": "msg_7", "type": "message", "role": "assistant", "model": "claude"}


def anthropic_thought(kind: str, value: str, proof: str = "") -> dict[str, Any]:
    if kind == "hidden":
        return {"type": "redacted_thinking", "data": value}
    return {"type": "thinking", "thinking": value, "signature": proof}


def anthropic_reason(said: dict[str, Any]) -> str:
    return "max_tokens" if said["cut"] else "tool_use" if said["calls"] else "end_turn"


def anthropic_used(said: dict[str, Any]) -> dict[str, Any]:
    usage: dict[str, Any] = {"input_tokens": said["in"], "output_tokens": said["out"]}
    return usage if said["cached"] is None else {**usage, "cache_read_input_tokens": said["cached"]}
