"""Requests and streams with wrong values anywhere: refused or read, never a fault of the house."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.dialects.dialect import Change, Dialect
from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.translate.bridge import bridge
from modelhall.domain.errors import BadRequest, ProviderBroke
from tests.dialects.translate.answers import (
    anthropic_stream,
    anthropic_whole,
    heard,
    openai_stream,
    openai_whole,
    reader,
)
from tests.dialects.translate.talk import OPEN
from tests.dialects.translate.test_streams import SAID

ODD: list[Any] = [None, True, 0, -1, 1e300, 2**70, "", "x", "\u2028\x00", [], [[]], [None], {}]
ODD += [{"type": "text"}, {"type": 5}, {"x": [1]}]
OPENAI: dict[str, Any] = {
    "model": "m",
    "max_completion_tokens": 9000,
    "reasoning_effort": "high",
    "stop": ["a"],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": True}}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
    "messages": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]},
        {
            "role": "assistant",
            "content": None,
            "reasoning_details": [{"type": "reasoning.text", "text": "t", "signature": "s", "index": 0}],
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "r"}]},
        {"role": "user", "content": [{"type": "file", "file": {"file_data": "data:application/pdf;base64,AA"}}]},
    ],
}
ANTHROPIC: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9000,
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
    "metadata": {"user_id": "u"},
    "system": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://a.b"}}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "t", "signature": "s"},
                {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "c",
                    "content": [{"type": "text", "text": "r"}],
                    "is_error": True,
                },
                {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AA"}},
            ],
        },
    ],
}
WAYS = [(openai_chat, anthropic_messages, OPENAI), (anthropic_messages, openai_chat, ANTHROPIC)]


def spoiled(value: Any, pick: random.Random) -> Any:
    """The value with something odd somewhere in it."""
    if pick.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return pick.choice(ODD)
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    at = pick.choice(list(copy)) if isinstance(value, dict) else pick.randrange(len(copy))
    copy[at] = spoiled(copy[at], pick)
    return copy


@pytest.mark.full
@pytest.mark.parametrize(("source", "target", "request_"), WAYS, ids=["to anthropic", "to openai"])
def test_wrong_requests_are_refused_or_carried(
    source: Dialect, target: Dialect, request_: dict[str, Any], how_many: Callable[[int, int], int]
) -> None:
    way = bridge(source, target)
    assert way is not None
    refused = 0
    for seed in range(how_many(1000, 20_000)):
        pick = random.Random(seed)
        body = json.dumps(spoiled(request_, pick)).encode()
        try:
            translated = way.request(body, Change("m"), pick.choice([OPEN, ParameterFacts()]))
        except BadRequest:
            refused += 1
        else:
            target.read(translated.body)
    assert refused > 100


ANSWERS = [
    (openai_chat, anthropic_messages, anthropic_stream(SAID), True),
    (anthropic_messages, openai_chat, openai_stream(SAID), True),
    (openai_chat, anthropic_messages, anthropic_whole(SAID), False),
    (anthropic_messages, openai_chat, openai_whole(SAID), False),
]


@pytest.mark.full
@pytest.mark.parametrize(("source", "target", "answer", "stream"), ANSWERS)
def test_wrong_answers_break_or_are_told_on(
    source: Dialect, target: Dialect, answer: bytes, stream: bool, how_many: Callable[[int, int], int]
) -> None:
    whole = 0
    for seed in range(how_many(500, 10_000)):
        pick = random.Random(seed)
        parts = answer.split(b"\n\n") if stream else [answer]
        at = pick.randrange(len(parts) - stream)
        head, found, data = parts[at].partition(b"data: ") if stream else (b"", b"", parts[at])
        if data != b"[DONE]":
            parts[at] = head + found + json.dumps(spoiled(json.loads(data), pick)).encode()
        of = reader(source, target, stream=stream)
        try:
            heard(of, b"\n\n".join(parts))
        except ProviderBroke:
            continue
        whole += of.finished
    assert whole > 10


@pytest.mark.parametrize(("source", "target", "request_"), WAYS, ids=["to anthropic", "to openai"])
def test_a_request_that_is_nested_without_end_is_refused(
    source: Dialect, target: Dialect, request_: dict[str, Any]
) -> None:
    way = bridge(source, target)
    assert way is not None
    deep = b"[" * 200_000 + b"]" * 200_000
    for name in ("messages", "tools", "metadata", "anything"):
        body = (
            json.dumps({**request_, name: 0})
            .encode()
            .replace(b'"%b": 0' % name.encode(), b'"%b": %b' % (name.encode(), deep))
        )
        with pytest.raises(BadRequest):
            way.request(body, Change("m"), ParameterFacts())
