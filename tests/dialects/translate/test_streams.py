"""A translated stream says what the translated whole answer says, however it is cut; a broken one never looks whole."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.dialects.dialect import Dialect
from modelhall.dialects.translate.expects import Expects
from modelhall.domain.errors import ProviderBroke
from modelhall.domain.usage import Usage
from tests.dialects.translate.answers import (
    answers,
    anthropic_stream,
    anthropic_whole,
    for_anthropic,
    for_openai,
    heard,
    openai_stream,
    openai_whole,
    reader,
)
from tests.dialects.translate.talk import heard_by_anthropic, heard_by_openai, told_by_openai
from tests.replay import Cassette

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
SAID: dict[str, Any] = {
    "thoughts": [("thought", "Hm… ü\u2028", "c2ln"), ("hidden", "AAAA"), ("thought", "So.", "c2lo")],
    "text": ["It ", "is 7 °C", "\n\ndata: [DONE]\n\n", "."],
    "calls": [("call_0", "search", '{"q": "a\\nb"}'), ("call_1", "run-it", "{}")],
    "cut": False,
    "in": 100,
    "cached": 20,
    "out": 30,
}
WAYS = [
    (openai_chat, anthropic_messages, anthropic_stream(SAID)),
    (anthropic_messages, openai_chat, openai_stream(SAID)),
]
ENDS = (b"[DONE]", b"message_stop", b'"finish_reason":"', b'"stop_reason":"')


@pytest.mark.full
def test_openai_clients_hear_in_a_stream_what_the_whole_answer_says(how_many: Callable[[int, int], int]) -> None:
    @settings(max_examples=how_many(60, 300), deadline=None, suppress_health_check=SLOW)
    @given(answers())
    def holds(said: dict[str, Any]) -> None:
        stream = heard_by_openai(for_openai(anthropic_stream(said), stream=True))
        whole = told_by_openai(for_openai(anthropic_whole(said), stream=False))
        for call in (*stream["message"]["calls"].values(), *whole["message"]["calls"].values()):
            call["arguments"] = json.loads(call["arguments"])
        assert stream == whole

    holds()


@pytest.mark.full
def test_anthropic_clients_hear_in_a_stream_what_the_whole_answer_says(how_many: Callable[[int, int], int]) -> None:
    @settings(max_examples=how_many(60, 300), deadline=None, suppress_health_check=SLOW)
    @given(answers())
    def holds(said: dict[str, Any]) -> None:
        stream = heard_by_anthropic(for_anthropic(openai_stream(said), stream=True))
        assert stream == {"answer": json.loads(for_anthropic(openai_whole(said), stream=False)), "done": True}

    holds()


@pytest.mark.full
@pytest.mark.parametrize(("source", "target", "stream"), WAYS, ids=["to openai", "to anthropic"])
def test_however_a_stream_is_split_the_same_events_come_out(
    source: Dialect, target: Dialect, stream: bytes, how_many: Callable[[int, int], int]
) -> None:
    expected = heard(reader(source, target, stream=True), stream)
    for seed in range(how_many(500, 10_000)):
        pick = random.Random(seed)
        cuts = sorted(pick.randrange(len(stream) + 1) for _ in range(pick.randrange(40)))
        sent = stream.replace(b"\n", pick.choice([b"\n", b"\r\n", b"\r"])) if seed % 3 == 0 else stream
        pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
        of = reader(source, target, stream=True)
        assert heard(of, *pieces) == expected
        assert of.finished


@pytest.mark.parametrize(("source", "target", "stream"), WAYS, ids=["to openai", "to anthropic"])
def test_a_stream_that_is_cut_never_looks_whole(source: Dialect, target: Dialect, stream: bytes) -> None:
    events = stream.split(b"\n\n")
    for kept in range(len(events) - 3):
        of = reader(source, target, stream=True)
        out = heard(of, b"\n\n".join(events[:kept]) + b"\n\n", events[kept][:9])
        said = out.replace(b"data: [DONE]\\n\\n", b"").replace(b"\\n\\ndata: [DONE]", b"")
        assert not of.finished
        assert [end for end in ENDS if end in said] == []


@pytest.mark.parametrize(("source", "target", "stream"), WAYS, ids=["to openai", "to anthropic"])
def test_the_end_waits_until_the_call_is_settled(source: Dialect, target: Dialect, stream: bytes) -> None:
    of = reader(source, target, stream=True)
    out = of.feed(stream).replace(b"\\n\\ndata: [DONE]", b"")
    assert [end for end in ENDS if end in out] == []
    assert of.finished
    assert (of.usage, of.began, of.failed) == (Usage(input=100, cache_read=20, output=30), True, None)
    last = of.end()
    assert (b"[DONE]" in last) == (source is openai_chat)
    assert (b"message_stop" in last) == (source is anthropic_messages)


def test_usage_comes_only_to_who_asked_for_it() -> None:
    stream = anthropic_stream(SAID)
    assert heard_by_openai(for_openai(stream, stream=True, wants_usage=False))["usage"] is None
    assert heard_by_openai(for_openai(stream, stream=True))["usage"] == {
        "prompt_tokens": 120,
        "completion_tokens": 30,
        "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 20},
    }


def test_thoughts_go_only_to_who_asked_for_them() -> None:
    expects = Expects(shows_reasoning=False)
    stream = heard_by_anthropic(for_anthropic(openai_stream(SAID), stream=True, expects=expects))["answer"]
    whole = json.loads(for_anthropic(openai_whole(SAID), stream=False, expects=expects))
    assert stream == whole
    assert [block["type"] for block in whole["content"]] == ["text", "tool_use", "tool_use"]


@pytest.mark.parametrize("stream", [True, False])
def test_the_tool_that_stands_for_json_comes_back_as_text(stream: bool) -> None:
    said = SAID | {"calls": [("toolu_1", "answer", '{"a": 1}')], "thoughts": []}
    answer = anthropic_stream(said) if stream else anthropic_whole(said)
    out = for_openai(answer, stream=stream, expects=Expects(json_tool="answer"))
    told = heard_by_openai(out) if stream else told_by_openai(out)
    assert json.loads(told["message"]["content"]) == {"a": 1}
    assert (told["message"]["calls"], told["reason"]) == ({}, "stop")


def test_an_error_in_the_stream_is_seen_and_not_told_on() -> None:
    of = reader(anthropic_messages, openai_chat, stream=True)
    out = of.feed(
        b'data: {"id":"a","choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
        + b'data: {"error":{"message":"no"}}\n\n'
    )
    assert of.failed == b'{"message":"no"}'
    assert b"x" in out
    assert of.end() == b""


def chunk(**delta: Any) -> bytes:
    choice = {"index": 0, "delta": {name: value for name, value in delta.items() if name != "reason"}}
    return b"data: " + json.dumps({"choices": [{**choice, "finish_reason": delta.get("reason")}]}).encode() + b"\n\n"


def call(index: int | None, arguments: str, **more: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": more.pop("name")} if "name" in more else {})}
    return {"function": function, **more, **({} if index is None else {"index": index})}


@pytest.mark.parametrize(
    "calls",
    [
        [call(0, "{}", id="a", name="f"), call(0, "{}", id="b", name="g")],
        [call(None, "{}", id="a", name="f"), call(None, "{}", id="b", name="g")],
        [call(0, "", id="a"), call(0, "{", name="f"), call(0, "}"), call(1, "{}", id="b", name="g")],
        [call(0, "{", id="a", name="f"), call(None, "}"), call(7, "{}", id="b", name="g")],
    ],
)
def test_calls_of_vendors_that_number_them_oddly_are_told_apart(calls: list[dict[str, Any]]) -> None:
    sent = b"".join(chunk(tool_calls=[each]) for each in calls) + chunk(reason="stop") + b"data: [DONE]\n\n"
    answer = heard_by_anthropic(for_anthropic(sent, stream=True))["answer"]
    assert [(block["id"], block["name"], block["input"]) for block in answer["content"]] == [
        ("a", "f", {}),
        ("b", "g", {}),
    ]
    assert answer["stop_reason"] == "tool_use"


@pytest.mark.parametrize(
    "sent",
    [
        chunk(tool_calls=[call(0, "{", id="a", name="f"), call(1, "{", id="b", name="g"), call(0, "}")]),
        chunk(tool_calls=[call(0, "{", id="a", name="f")]) + chunk(content="x") + chunk(tool_calls=[call(0, "}")]),
        chunk(tool_calls=[call(0, "{}", id="a")]),
        chunk(content="x") + chunk(reason="insufficient_system_resource"),
        b'data: {"choices":[{"delta":{"content":5}}]}\n\n',
    ],
)
def test_what_cannot_be_told_in_the_other_dialect_breaks_the_stream(sent: bytes) -> None:
    of = reader(anthropic_messages, openai_chat, stream=True)
    with pytest.raises(ProviderBroke):
        of.feed(sent)


def test_text_that_comes_as_a_list_is_told_with_its_thoughts() -> None:
    thoughts = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    sent = chunk(content=[thoughts]) + chunk(content=[{"type": "text", "text": "7"}]) + chunk(reason="stop")
    answer = heard_by_anthropic(for_anthropic(sent + b"data: [DONE]\n\n", stream=True))["answer"]
    assert answer["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {"type": "text", "text": "7"},
    ]


def test_the_reason_of_an_end_is_never_made_up() -> None:
    answer = heard_by_anthropic(for_anthropic(chunk(content="x") + b"data: [DONE]\n\n", stream=True))["answer"]
    assert answer["stop_reason"] is None
    stop = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    assert heard_by_openai(for_openai(stop, stream=True)) == {
        "message": {"content": "", "refusal": "", "calls": {}, "thoughts": {}},
        "reason": None,
        "usage": None,
        "done": True,
    }


@pytest.mark.parametrize("vendor", ["anthropic", "deepseek"])
def test_recorded_streams_of_anthropic_servers_come_through(vendor: str) -> None:
    told = heard_by_openai(for_openai(Cassette.load(f"{vendor}/messages_stream").body, stream=True))
    assert told["done"]
    assert told["reason"] in ("stop", "tool_calls", "length")
    assert told["message"]["content"] or told["message"]["calls"]


@pytest.mark.parametrize("vendor", ["openai", "deepseek", "mistral", "groq", "google", "openrouter", "ollama"])
def test_recorded_streams_of_openai_servers_come_through(vendor: str) -> None:
    told = heard_by_anthropic(for_anthropic(Cassette.load(f"{vendor}/chat_stream").body, stream=True))
    assert told["done"]
    assert told["answer"]["stop_reason"] in ("end_turn", "tool_use", "max_tokens")
    assert told["answer"]["content"]


@pytest.mark.parametrize("letter", ["\U0001d11e", "é", "\u2028"])
def test_a_letter_that_was_cut_in_two_is_put_together_and_what_is_half_costs_no_words(letter: str) -> None:
    halves = letter.encode("utf-16-le", "surrogatepass")
    pieces = [
        "a " + halves[:2].decode("utf-16-le", "surrogatepass"),
        halves[2:].decode("utf-16-le", "surrogatepass") + " b",
    ]
    lone = ["\ud834 c", "d \ud834", "e"]
    chunks = [{"choices": [{"index": 0, "delta": {"content": each}}]} for each in [*pieces, *lone]]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    wire = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in chunks) + b"data: [DONE]\n\n"
    deltas = [
        json.loads(line[6:])["delta"] for line in for_anthropic(wire, stream=True).split(b"\n") if b"text_delta" in line
    ]
    assert "".join(delta["text"] for delta in deltas) == f"a {letter} b\ufffd cd e"


def test_words_beside_something_that_is_no_letter_are_not_lost() -> None:
    said = b'{"choices":[{"index":0,"delta":{"content":"a\xff b"},"finish_reason":"stop"}],"x":NaN}'
    wire = b"data: " + said + b"\n\ndata: [DONE]\n\n"
    assert '"text":"a\ufffd b"' in for_anthropic(wire, stream=True).decode()


def test_a_stream_that_begins_without_its_first_event_is_told_all_the_same() -> None:
    wire = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"text":"Hi"}}\n\n'
    told = for_openai(wire, stream=True)
    assert told.startswith(b'data: {"id":"reply-1"')
    assert b'"content":"Hi"' in told
