"""Requests that are translated there and back mean what they meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.dialects.dialect import Change, Dialect
from modelhall.dialects.translate import anthropic_in, openai_in
from modelhall.dialects.translate.bridge import Translated, bridge
from modelhall.domain.messages import Conversation
from tests.dialects.translate.talk import (
    EFFORTS,
    NAMES,
    OPEN,
    SCHEMAS,
    WORDS,
    meaning,
    optional,
    talks,
)

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
CHANGE = Change("m", usage_option=True)


def across(source: Dialect, target: Dialect, body: bytes) -> Translated:
    """A request in the other dialect."""
    way = bridge(source, target)
    assert way is not None
    return way.request(body, CHANGE, OPEN)


@st.composite
def openai_requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request of OpenAI's with anything that can be carried."""
    body: dict[str, Any] = draw(
        optional(
            stop=WORDS | st.lists(WORDS, min_size=1, max_size=4),
            user=WORDS,
            service_tier=st.sampled_from(["auto", "default"]),
            stream=st.booleans(),
        )
    )
    body |= draw(st.fixed_dictionaries({"reasoning_effort": st.sampled_from(EFFORTS)}) | picks())
    body["max_completion_tokens"] = draw(st.integers(65_536, 100_000))
    body |= draw(tools(openai_tool))
    if draw(st.booleans()):
        schema = {"name": draw(NAMES), "schema": draw(SCHEMAS), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    messages = [{"role": draw(st.sampled_from(["system", "developer"])), "content": draw(WORDS)}] * draw(
        st.integers(0, 2)
    )
    for role, said in draw(talks()):
        messages += openai_messages(role, said)
    return {"model": "m", "messages": messages, **body}


def picks() -> st.SearchStrategy[dict[str, Any]]:
    return optional(temperature=st.floats(0, 1), top_p=st.floats(0, 1))


def openai_tool(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def anthropic_tool(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": description, "input_schema": schema}


@st.composite
def tools(draw: st.DrawFn, write: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Tools and the choice among them, or nothing."""
    names = sorted(draw(st.sets(NAMES, max_size=3)))
    if not names:
        return {}
    body: dict[str, Any] = {"tools": [write(name, draw(WORDS), draw(SCHEMAS)) for name in names]}
    if write is openai_tool:
        named = {"type": "function", "function": {"name": names[0]}}
        choice = draw(st.sampled_from([None, "auto", "none", "required", named]))
        body |= {} if choice is None else {"tool_choice": choice}
        body |= {"parallel_tool_calls": False} if draw(st.booleans()) and choice not in ("none", None) else {}
        return body
    choices: list[Any] = [{"type": "auto"}, {"type": "any"}, {"type": "tool", "name": names[0]}, {"type": "none"}]
    choice = draw(st.sampled_from([None, *choices]))
    if choice is not None:
        alone = {"disable_parallel_tool_use": True} if draw(st.booleans()) and choice["type"] != "none" else {}
        body["tool_choice"] = choice | alone
    return body


def openai_messages(role: str, said: Any) -> list[dict[str, Any]]:
    if role == "tools":
        return [
            {"role": "tool", "tool_call_id": id, "content": [{"type": "text", "text": word} for word in words]}
            for id, words, _ in said
        ]
    if role == "user":
        return [{"role": "user", "content": [openai_part(*part) for part in said]}]
    thoughts, words, calls = said
    message: dict[str, Any] = {"role": "assistant", "content": "".join(words) or None}
    if thoughts:
        message["reasoning_details"] = [openai_thought(at, *thought) for at, thought in enumerate(thoughts)]
    if calls:
        message["tool_calls"] = [
            {"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(given, indent=1)}}
            for id, name, given in calls
        ]
    return [message]


def openai_part(kind: str, value: str) -> dict[str, Any]:
    if kind == "text":
        return {"type": "text", "text": value}
    if kind == "pdf":
        return {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{value}"}}
    url = value if kind == "picture at" else f"data:image/png;base64,{value}"
    return {"type": "image_url", "image_url": {"url": url}}


def openai_thought(at: int, kind: str, value: str, proof: str = "") -> dict[str, Any]:
    if kind == "hidden":
        return {"type": "reasoning.encrypted", "data": value, "index": at}
    return {"type": "reasoning.text", "text": value, "signature": proof, "index": at}


@st.composite
def anthropic_requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request of Anthropic's with anything that can be carried."""
    body: dict[str, Any] = draw(
        optional(
            stop_sequences=st.lists(WORDS, min_size=1, max_size=4),
            metadata=st.builds(lambda name: {"user_id": name}, WORDS),
            service_tier=st.sampled_from(["auto", "standard_only"]),
            stream=st.booleans(),
        )
    )
    body["max_tokens"] = draw(st.integers(65_536, 100_000))
    thinking = draw(st.sampled_from([None, {"type": "disabled"}, 2048, 8192, 24576]))
    if thinking is not None:
        body["thinking"] = {"type": "enabled", "budget_tokens": thinking} if isinstance(thinking, int) else thinking
    else:
        body |= draw(picks())
    body |= draw(tools(anthropic_tool))
    if draw(st.booleans()):
        body["output_config"] = {"format": {"type": "json_schema", "schema": draw(SCHEMAS)}}
    if draw(st.booleans()):
        body["system"] = draw(WORDS | st.lists(st.builds(text_block, WORDS), min_size=1, max_size=2))
    return {"model": "m", "messages": [anthropic_message(role, said) for role, said in draw(talks())], **body}


def text_block(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def anthropic_message(role: str, said: Any) -> dict[str, Any]:
    if role == "tools":
        content = [
            {
                "type": "tool_result",
                "tool_use_id": id,
                "content": [text_block(word) for word in words],
                "is_error": wrong,
            }
            for id, words, wrong in said
        ]
        return {"role": "user", "content": content}
    if role == "user":
        return {"role": "user", "content": [anthropic_part(*part) for part in said]}
    thoughts, words, calls = said
    blocks = [anthropic_thought(*thought) for thought in thoughts] + [text_block(word) for word in words]
    blocks += [{"type": "tool_use", "id": id, "name": name, "input": given} for id, name, given in calls]
    return {"role": "assistant", "content": blocks}


def anthropic_part(kind: str, value: str) -> dict[str, Any]:
    if kind == "text":
        return text_block(value)
    if kind == "picture at":
        return {"type": "image", "source": {"type": "url", "url": value}}
    if kind == "pdf":
        return {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": value}}
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": value}}


def anthropic_thought(kind: str, value: str, proof: str = "") -> dict[str, Any]:
    if kind == "hidden":
        return {"type": "redacted_thinking", "data": value}
    return {"type": "thinking", "thinking": value, "signature": proof}


def but_tier(asked: Conversation) -> dict[str, Any]:
    """The meaning without the one word that differs on both sides."""
    return {name: value for name, value in meaning(asked).items() if name != "tier"}


def effort_of(body: bytes) -> Any:
    asked = json.loads(body)
    return asked.get("reasoning_effort"), asked.get("thinking")


@pytest.mark.full
def test_openai_requests_come_back_with_their_meaning(how_many: Callable[[int, int], int]) -> None:
    @settings(max_examples=how_many(60, 300), deadline=None, suppress_health_check=SLOW)
    @given(openai_requests())
    def holds(asked: dict[str, Any]) -> None:
        body = json.dumps(asked).encode()
        there = across(openai_chat, anthropic_messages, body)
        back = across(anthropic_messages, openai_chat, there.body)
        assert meaning(openai_in.read_request(back.body)) == meaning(openai_in.read_request(body))
        assert but_tier(anthropic_in.read_request(there.body)) == but_tier(openai_in.read_request(body))
        assert set(there.dropped) <= {"response_format.json_schema.name", "reasoning_effort"}
        if "reasoning_effort" not in there.dropped:
            assert effort_of(back.body) == effort_of(body)
        assert back.dropped == ()

    holds()


@pytest.mark.full
def test_anthropic_requests_come_back_with_their_meaning(how_many: Callable[[int, int], int]) -> None:
    @settings(max_examples=how_many(60, 300), deadline=None, suppress_health_check=SLOW)
    @given(anthropic_requests())
    def holds(asked: dict[str, Any]) -> None:
        body = json.dumps(asked).encode()
        there = across(anthropic_messages, openai_chat, body)
        back = across(openai_chat, anthropic_messages, there.body)
        assert meaning(anthropic_in.read_request(back.body)) == meaning(anthropic_in.read_request(body))
        assert but_tier(openai_in.read_request(there.body)) == but_tier(anthropic_in.read_request(body))
        assert there.dropped == ()
        assert set(back.dropped) <= {"response_format.json_schema.name", "reasoning_effort"}
        if "reasoning_effort" not in back.dropped:
            assert effort_of(back.body) == effort_of(body)

    holds()
