"""Whole answers in the other dialect: what they say, why they ended, what they used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modelhall.dialects import anthropic_messages, anthropic_usage, openai_chat, openai_usage
from modelhall.dialects.translate.bridge import translate_reply
from modelhall.dialects.translate.expects import Envelope, Expects
from modelhall.dialects.translate.usage_out import anthropic_usage as as_anthropic
from modelhall.dialects.translate.usage_out import openai_usage as as_openai
from modelhall.domain.errors import ProviderBroke
from modelhall.domain.usage import Usage
from tests.dialects.translate.answers import (
    anthropic_stream,
    for_anthropic,
    for_openai,
    heard,
    openai_stream,
    reader,
)
from tests.dialects.translate.talk import heard_by_anthropic, heard_by_openai
from tests.replay import Cassette


def openai_answer(reason: str | None = "stop", usage: Any = None, **message: Any) -> bytes:
    said = {"role": "assistant", "content": "Hi", **message}
    choice = {"index": 0, "message": said, "finish_reason": reason}
    return json.dumps({"id": "a", "model": "gpt", "created": 5, "choices": [choice], "usage": usage}).encode()


def anthropic_answer(reason: str | None = "end_turn", **fields: Any) -> bytes:
    content = [{"type": "text", "text": "Hi"}]
    usage = {"input_tokens": 1, "output_tokens": 2}
    return json.dumps({"id": "a", "content": content, "stop_reason": reason, "usage": usage, **fields}).encode()


OPENAI_STOPS = [
    ("stop", "end_turn"),
    ("length", "max_tokens"),
    ("tool_calls", "tool_use"),
    ("function_call", "tool_use"),
    ("content_filter", "refusal"),
    ("eos", "end_turn"),
    ("max_tokens", "max_tokens"),
    ("a_new_reason", "end_turn"),
    (None, None),
]
ANTHROPIC_STOPS = [
    ("end_turn", "stop"),
    ("stop_sequence", "stop"),
    ("max_tokens", "length"),
    ("model_context_window_exceeded", "length"),
    ("tool_use", "tool_calls"),
    ("refusal", "content_filter"),
    ("pause_turn", "stop"),
    ("a_new_reason", "stop"),
    (None, None),
]


@pytest.mark.parametrize(("reason", "expected"), OPENAI_STOPS)
def test_reasons_of_an_end_for_anthropics_clients(reason: str | None, expected: str | None) -> None:
    assert json.loads(for_anthropic(openai_answer(reason), stream=False))["stop_reason"] == expected
    sent = json.dumps({"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": reason}]}).encode()
    stream = b"data: " + sent + b"\n\ndata: [DONE]\n\n"
    assert heard_by_anthropic(for_anthropic(stream, stream=True))["answer"]["stop_reason"] == expected


@pytest.mark.parametrize(("reason", "expected"), ANTHROPIC_STOPS)
def test_reasons_of_an_end_for_openais_clients(reason: str | None, expected: str | None) -> None:
    assert json.loads(for_openai(anthropic_answer(reason), stream=False))["choices"][0]["finish_reason"] == expected
    events = [{"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {}}, {"type": "message_stop"}]
    stream = b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in events)
    assert heard_by_openai(for_openai(stream, stream=True))["reason"] == expected


def test_the_word_that_ended_an_answer_is_told_where_it_is_known() -> None:
    answer = json.loads(openai_answer())
    answer["choices"][0]["stop_reason"] = "END"
    told = json.loads(for_anthropic(json.dumps(answer).encode(), stream=False))
    assert (told["stop_reason"], told["stop_sequence"]) == ("stop_sequence", "END")


def test_refusals() -> None:
    told = json.loads(for_anthropic(openai_answer(content=None, refusal="I will not."), stream=False))
    assert (told["content"], told["stop_reason"]) == ([{"type": "text", "text": "I will not."}], "refusal")
    details = {"type": "refusal", "category": "bio", "explanation": "Not that."}
    answer = anthropic_answer("refusal", stop_details=details, content=[])
    choice = json.loads(for_openai(answer, stream=False))["choices"][0]
    assert (choice["message"]["refusal"], choice["finish_reason"]) == ("Not that.", "content_filter")
    delta = {"stop_reason": "refusal", "stop_details": details}
    events = [{"type": "message_delta", "delta": delta, "usage": {}}, {"type": "message_stop"}]
    stream = b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in events)
    assert heard_by_openai(for_openai(stream, stream=True))["message"]["refusal"] == "Not that."


def test_a_call_is_asked_for_also_where_the_vendor_says_stop() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
    told = json.loads(for_anthropic(openai_answer(tool_calls=[call]), stream=False))
    assert told["stop_reason"] == "tool_use"
    assert told["content"][1] == {"type": "tool_use", "id": "c", "name": "f", "input": {}}


def test_arguments_that_are_no_object_break_an_answer_but_not_one_that_was_cut() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": '}}
    with pytest.raises(ProviderBroke):
        for_anthropic(openai_answer("tool_calls", tool_calls=[call]), stream=False)
    told = json.loads(for_anthropic(openai_answer("length", tool_calls=[call]), stream=False))
    assert (told["content"], told["stop_reason"]) == ([{"type": "text", "text": "Hi"}], "max_tokens")


@pytest.mark.parametrize(
    "answer",
    [
        b'{"choices":[]}',
        b'{"choices":[{"index":0}]}',
        openai_answer(content=5),
        openai_answer(reason="error"),
        b'{"choices":[{"message":{"content":"x"},"finish_reason":7}]}',
    ],
)
def test_what_is_no_answer_is_the_providers_fault(answer: bytes) -> None:
    with pytest.raises(ProviderBroke):
        for_anthropic(answer, stream=False)


def test_text_that_comes_as_a_list_is_told_with_its_thoughts() -> None:
    thoughts = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    answer = openai_answer(content=[thoughts, {"type": "text", "text": "7"}])
    assert json.loads(for_anthropic(answer, stream=False))["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {"type": "text", "text": "7"},
    ]


def test_an_error_with_a_200_is_seen_and_not_told_on() -> None:
    for of in (
        reader(openai_chat, anthropic_messages, stream=False),
        reader(anthropic_messages, openai_chat, stream=False),
    ):
        assert heard(of, b'{"error":{"message":"no"}}') == b""
        assert (of.failed, of.finished) == (b'{"message":"no"}', False)


USED = [
    Usage(input=100, output=30),
    Usage(input=100, cache_read=20, output=30, reasoning=5),
    Usage(input=0, cache_read=0, cache_write_5m=7, output=0),
]


@pytest.mark.parametrize("usage", USED)
def test_usage_in_the_clients_shape_reads_as_the_same_usage(usage: Usage) -> None:
    assert openai_usage.read_usage(as_openai(usage)) == usage
    assert anthropic_usage.read_usage(as_anthropic(usage)) == usage


def test_classes_that_a_dialect_does_not_have_are_counted_where_they_belong() -> None:
    usage = Usage(
        input=1,
        cache_read=2,
        cache_write_5m=4,
        cache_write_1h=8,
        input_audio=16,
        input_image=32,
        output=64,
        reasoning=128,
    )
    told = as_openai(usage)
    assert (told["prompt_tokens"], told["completion_tokens"], told["total_tokens"]) == (63, 192, 255)
    assert told["prompt_tokens_details"]["cache_write_tokens"] == 12
    told = as_anthropic(usage)
    assert (told["input_tokens"], told["output_tokens"]) == (49, 192)
    assert told["cache_creation"] == {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 8}
    assert anthropic_usage.read_usage(told).input_tokens() == usage.input_tokens()


def test_usage_that_was_not_told_is_not_made_up() -> None:
    assert "usage" not in json.loads(for_openai(anthropic_answer(usage=None), stream=False))
    assert json.loads(for_anthropic(openai_answer(), stream=False))["usage"] == {"input_tokens": 0, "output_tokens": 0}


def test_an_answer_has_the_name_that_was_asked_for_and_the_providers_id() -> None:
    told = json.loads(for_openai(anthropic_answer(), stream=False))
    assert (told["id"], told["model"], told["created"]) == ("a", "as-asked", 1_700_000_000)
    body = translate_reply(openai_answer(), anthropic_messages, openai_chat, None, Expects(), Envelope())
    assert body is not None
    assert json.loads(body)["model"] == "gpt"
    assert translate_reply(b"", openai_chat, openai_chat, None, Expects(), Envelope()) is None


@pytest.mark.parametrize("vendor", ["openai", "deepseek", "groq", "google", "openrouter", "mistral", "local"])
def test_recorded_answers_of_openai_servers_come_through(vendor: str) -> None:
    told = json.loads(for_anthropic(Cassette.load(f"{vendor}/chat").body, stream=False))
    assert told["content"]
    assert told["usage"]["output_tokens"] > 0


@pytest.mark.parametrize("vendor", ["anthropic", "deepseek", "anthropic-compatible"])
def test_recorded_answers_of_anthropic_servers_come_through(vendor: str) -> None:
    told = json.loads(for_openai(Cassette.load(f"{vendor}/messages").body, stream=False))
    message = told["choices"][0]["message"]
    assert message["content"] or message["tool_calls"]
    assert told["usage"]["total_tokens"] > 0


def test_answers_that_hold_nothing_are_answers() -> None:
    said = {"thoughts": [], "text": [], "calls": [], "cut": False, "in": 1, "cached": None, "out": 0}
    assert heard_by_anthropic(for_anthropic(openai_stream(said), stream=True))["answer"]["content"] == []
    assert heard_by_openai(for_openai(anthropic_stream(said), stream=True))["reason"] == "stop"
