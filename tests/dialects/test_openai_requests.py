"""What the house reads in requests of the OpenAI family."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from modelhall.dialects import openai_chat, openai_completions, openai_embeddings
from modelhall.dialects.dialect import Change
from modelhall.domain.errors import BadRequest

HELLO = [{"role": "user", "content": "Hello"}]


def chat(**fields: Any) -> bytes:
    """A chat request with these fields."""
    return json.dumps({"model": "m", "messages": HELLO, **fields}).encode()


def test_a_plain_request_is_read() -> None:
    body = chat(max_tokens=256, temperature=0.7)
    ask = openai_chat.read(body)
    assert (ask.model, ask.stream, ask.wants_usage, ask.output_limit, ask.choices) == ("m", False, True, 256, 1)
    assert (ask.needs, ask.plain_bytes, ask.images, ask.pages, ask.generates) == (frozenset(), len(body), 0, 0, True)


@pytest.mark.parametrize("model", [None, ""])
def test_no_model_means_the_default(model: str | None) -> None:
    assert openai_chat.read(chat(model=model)).model is None


@pytest.mark.parametrize(
    ("fields", "wants"),
    [
        ({}, True),
        ({"stream": True}, False),
        ({"stream": True, "stream_options": None}, False),
        ({"stream": True, "stream_options": {"include_usage": False}}, False),
        ({"stream": True, "stream_options": {"include_usage": True}}, True),
    ],
)
def test_only_a_stream_that_did_not_ask_goes_without_usage(fields: dict[str, Any], wants: bool) -> None:
    assert openai_chat.read(chat(**fields)).wants_usage is wants


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"max_completion_tokens": 5}, 5),
        ({"max_completion_tokens": 5, "max_tokens": 9}, 9),
        ({"max_tokens": -1}, None),
        ({"max_tokens": None}, None),
    ],
)
def test_the_output_limit_is_the_most_that_was_allowed(fields: dict[str, Any], limit: int | None) -> None:
    assert openai_chat.read(chat(**fields)).output_limit == limit


def test_needs_are_found_where_they_stand() -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    assert openai_chat.read(chat(tools=[tool])).needs == {"tools"}
    assert openai_chat.read(chat(tools=[], functions=None)).needs == frozenset()
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    assert openai_chat.read(chat(response_format=schema)).needs == {"json_schema"}
    assert openai_chat.read(chat(response_format={"type": "json_object"})).needs == frozenset()
    assert openai_chat.read(chat(modalities=["text", "audio"])).needs == {"audio"}


def test_text_that_speaks_of_pictures_needs_no_eyes() -> None:
    talk = [{"role": "user", "content": 'What is "image_url" and {"type":"input_audio"}?'}]
    assert openai_chat.read(chat(messages=talk)).needs == frozenset()


def test_base64_is_not_counted_as_text() -> None:
    picture = base64.b64encode(b"x" * 30_000).decode()
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "input_audio", "input_audio": {"data": picture, "format": "wav"}},
        {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{picture}"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ]
    body = chat(messages=[{"role": "user", "content": parts}])
    ask = openai_chat.read(body)
    assert ask.needs == {"vision", "audio", "documents"}
    assert (ask.images, ask.pages) == (2, 200)
    assert ask.plain_bytes == len(body) - 3 * len(picture)


def test_text_before_the_mark_of_base64_stays_text() -> None:
    url = "data:" + "x" * 5000 + ";base64,AAAA"
    body = chat(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": url}]}])
    assert openai_chat.read(body).plain_bytes == len(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b'{"messages":[]} x', "not valid JSON"),
        (b'{"messages":[],"temperature":NaN}', "not valid JSON"),
        (b'{"messages":[],"model":"\xff"}', "not valid JSON"),
        (b'{"model":"m"}', "`messages`"),
        (chat(model=5), "`model`"),
        (chat(stream="yes"), "`stream`"),
        (chat(max_tokens=1.5), "`max_tokens`"),
        (chat(n=0), "`n` must be at least 1"),
        (chat(messages="hello"), "`messages`"),
        (chat(messages=[5]), "`messages[0]`"),
        (chat(messages=[{"content": [{"type": 5}]}]), "`messages[0].content"),
        (chat(stream_options={"include_usage": "yes"}), "`stream_options.include_usage`"),
        (b'{"messages":[],"x":' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_wrong_body_is_refused_with_the_place(body: bytes, words: str) -> None:
    with pytest.raises(BadRequest) as caught:
        openai_chat.read(body)
    assert words in caught.value.message


def test_the_field_at_fault_is_told_to_programs() -> None:
    with pytest.raises(BadRequest) as caught:
        openai_chat.read(chat(max_tokens="many"))
    assert caught.value.details["param"] == "max_tokens"
    assert json.loads(openai_chat.error_body(caught.value, "req_1"))["error"]["param"] == "max_tokens"


def test_a_rewritten_request_is_the_callers_but_for_the_change() -> None:
    body = b'{"messages": [{"content": "\\u00e9  "}], "model": "alias", "new_field": 1.50, "stream": true}'
    change = Change("vendor/model", usage_option=True, output_limit=100, output_limit_name="max_completion_tokens")
    assert openai_chat.rewrite(body, change) == (
        b'{"max_completion_tokens":100,"stream_options":{"include_usage":true},'
        b'"messages": [{"content": "\\u00e9  "}], "model": "vendor/model", "new_field": 1.50, "stream": true}'
    )


@pytest.mark.parametrize(
    ("fields", "choices"),
    [
        ({"prompt": "a"}, 1),
        ({"prompt": ["a", "b"]}, 2),
        ({"prompt": [1, 2, 3]}, 1),
        ({"prompt": [[1], [2]], "n": 3}, 6),
        ({"prompt": "a", "n": 2, "best_of": 5}, 5),
    ],
)
def test_completions_count_every_text_they_make(fields: dict[str, Any], choices: int) -> None:
    assert openai_completions.read(json.dumps({"model": "m", **fields}).encode()).choices == choices


def test_the_name_of_chats_limit_is_chats_alone() -> None:
    change = Change("m", output_limit=5, output_limit_name="max_completion_tokens")
    assert openai_completions.rewrite(b'{"prompt":"a"}', change) == b'{"max_tokens":5,"model":"m","prompt":"a"}'


def test_embeddings_make_no_text() -> None:
    ask = openai_embeddings.read(b'{"model":"e","input":["a","b"]}')
    assert (ask.model, ask.generates, ask.stream) == ("e", False, False)
    assert openai_embeddings.rewrite(b'{"input":"a"}', Change("e", usage_option=True)) == b'{"model":"e","input":"a"}'
