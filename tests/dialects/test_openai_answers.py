"""What the house reads in answers of the OpenAI family, and what of them goes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.dialects import openai_chat
from modelhall.dialects.dialect import Ask, Reader
from modelhall.domain.errors import ProviderBroke
from modelhall.domain.usage import Usage

USAGE = {"prompt_tokens": 30, "completion_tokens": 2, "total_tokens": 32}


def reader(*, asked: bool = True, stream: bool = True, choices: int = 1) -> Reader:
    """A reader for a caller that asked for usage in its stream, or did not."""
    return openai_chat.reader(Ask(model="m", stream=stream, wants_usage=asked, choices=choices))


def chunk(content: str | None = None, finish: str | None = None, index: int = 0, **more: Any) -> bytes:
    """One event with a chunk in it."""
    delta = {} if content is None else {"content": content}
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return event({"id": "c", "choices": [choice], **more})


def event(value: Any) -> bytes:
    """One event with this as its data."""
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


ROLE = event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]})
USAGE_CHUNK = event({"id": "c", "choices": [], "usage": USAGE})
DONE = b"data: [DONE]\n\n"
STREAM = ROLE + chunk("Hel") + chunk("lo") + chunk(finish="stop") + USAGE_CHUNK + DONE


def heard(of: Reader, *reads: bytes) -> tuple[bytes, bytes]:
    """What goes out before the end, and at the end."""
    return b"".join(of.feed(read) for read in reads), of.end()


def test_a_stream_passes_byte_for_byte_and_its_end_waits() -> None:
    of = reader()
    assert heard(of, STREAM) == (STREAM.removesuffix(DONE), DONE)
    assert (of.finished, of.began, of.pieces, of.failed, of.flaw) == (True, True, 2, None, None)
    assert of.usage == Usage(input=30, output=2)
    assert of.vendor_usage is not None
    assert json.loads(of.vendor_usage) == USAGE


def test_a_read_of_whole_events_passes_as_the_same_object() -> None:
    of, read = reader(), ROLE + chunk("Hi")
    assert of.feed(read) is read


@given(st.data())
def test_however_it_is_cut_the_same_goes_out(data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(STREAM)), max_size=20)))
    of = reader(asked=False)
    reads = [STREAM[a:b] for a, b in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]
    out, end = heard(of, *reads)
    assert out + end == STREAM.replace(USAGE_CHUNK, b"")
    assert (of.usage, of.pieces, of.finished) == (Usage(input=30, output=2), 2, True)


def test_a_caller_that_did_not_ask_sees_no_usage() -> None:
    of = reader(asked=False)
    out, end = heard(of, STREAM)
    assert b"usage" not in out
    assert out + end == STREAM.replace(USAGE_CHUNK, b"")
    assert of.usage == Usage(input=30, output=2)


def test_usage_in_a_chunk_with_content_is_taken_out_and_the_content_stays() -> None:
    of = reader(asked=False)
    last = chunk("lo", "stop", usage=USAGE, extra={"usage": 1})
    out, _ = heard(of, chunk("Hel", usage={**USAGE, "completion_tokens": 1}) + last + DONE)
    values = [json.loads(line[6:]) for line in out.split(b"\n\n") if line]
    assert [value["choices"][0]["delta"]["content"] for value in values] == ["Hel", "lo"]
    assert [value["usage"] for value in values] == [None, None]
    assert values[1]["extra"] == {"usage": 1}
    assert of.usage == Usage(input=30, output=2)


def test_usage_inside_a_choice_or_under_groqs_name_is_found() -> None:
    of = reader(asked=False)
    grouped = event(
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "x_groq": {"id": "r", "usage": USAGE}}
    )
    out, _ = heard(of, chunk("Hi") + grouped + DONE)
    assert json.loads(out.split(b"\n\n")[1][6:])["x_groq"] == {"id": "r", "usage": None}
    assert of.usage == Usage(input=30, output=2)
    of = reader(asked=False)
    inside = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}]})
    out, _ = heard(of, chunk("Hi") + inside + DONE)
    assert json.loads(out.split(b"\n\n")[1][6:])["choices"][0]["usage"] is None
    assert of.usage == Usage(input=30, output=2)


def test_the_last_usage_that_says_anything_counts() -> None:
    of = reader()
    first = {"prompt_tokens": 30, "completion_tokens": 1, "total_tokens": 31}
    heard(
        of,
        chunk("a", usage=first)
        + chunk("b", usage=USAGE)
        + chunk(finish="stop", usage=None)
        + chunk("", usage={})
        + DONE,
    )
    assert of.usage == Usage(input=30, output=2)


def test_an_explicit_zero_stays_zero() -> None:
    of = reader()
    heard(of, chunk("a", "stop", usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}) + DONE)
    assert of.usage == Usage(input=0, output=0)


def test_a_preamble_is_not_the_beginning() -> None:
    of = reader()
    of.feed(b": hello\n\n" + ROLE + event({"choices": [], "prompt_filter_results": []}))
    assert not of.began
    of.feed(event({"choices": [{"index": 0, "delta": {"reasoning_content": "Hm"}, "finish_reason": None}]}))
    assert of.began
    assert of.pieces == 1


@pytest.mark.parametrize(
    "delta",
    [
        {"content": "x"},
        {"role": "assistant", "content": "x"},
        {"tool_calls": [{"index": 0}]},
        {"refusal": "no"},
        {"reasoning": "x"},
        {"audio": {"id": "a"}},
    ],
)
def test_every_kind_of_content_begins_an_answer(delta: dict[str, Any]) -> None:
    of = reader()
    of.feed(event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}))
    assert of.began


def test_text_of_the_older_form_begins_an_answer() -> None:
    of = reader()
    of.feed(event({"choices": [{"index": 0, "text": "", "finish_reason": None}]}))
    assert not of.began
    of.feed(event({"choices": [{"index": 0, "text": "x", "finish_reason": None}]}))
    assert of.began


@pytest.mark.parametrize("kept", range(5))
def test_a_stream_cut_before_its_end_has_not_finished(kept: int) -> None:
    events = [ROLE, chunk("Hel"), chunk("lo"), chunk("!")]
    of = reader()
    out, end = heard(of, *events[:kept])
    assert (of.finished, end) == (False, b"")
    assert b"[DONE]" not in out


def test_a_stream_without_done_has_finished_when_every_choice_has() -> None:
    of = reader(choices=2)
    heard(of, chunk("a") + chunk("b", index=1) + chunk(finish="stop"))
    assert not of.finished
    of = reader(choices=2)
    out, end = heard(of, chunk("a") + chunk("b", index=1) + chunk(finish="stop") + chunk(finish="length", index=1))
    assert (of.finished, end) == (True, b"")
    assert b"[DONE]" not in out


def test_done_in_the_text_is_text() -> None:
    of = reader()
    out, end = heard(of, chunk("data: [DONE]\n\n") + chunk("[DONE]"))
    assert (of.finished, end, of.pieces) == (False, b"", 2)
    assert out.count(b"[DONE]") == 2


def test_nothing_goes_out_after_the_end() -> None:
    of = reader()
    out, end = heard(of, STREAM + chunk("more"), chunk("and more"))
    assert out + end == STREAM


@pytest.mark.parametrize(
    "failure",
    [
        event({"error": {"message": "overloaded", "code": 502}}),
        event(
            {
                "id": "c",
                "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
                "error": {"message": "overloaded"},
            }
        ),
        b'event: error\ndata: {"message":"overloaded"}\n\n',
        b'error: {"message":"overloaded"}\n\n',
    ],
)
def test_an_error_in_the_stream_is_a_failure_and_no_end(failure: bytes) -> None:
    of = reader()
    out, end = heard(of, chunk("Hi") + failure + DONE)
    assert of.failed is not None
    assert b"overloaded" in of.failed
    assert (of.finished, end) == (False, b"")
    assert out == chunk("Hi")


def test_an_error_that_is_null_is_none() -> None:
    of = reader()
    heard(of, chunk("Hi", error=None) + chunk(finish="stop", error=None) + DONE)
    assert (of.failed, of.finished) == (None, True)


def test_only_data_reaches_the_caller() -> None:
    of = reader()
    out, _ = heard(of, b"event: execute\nid: 1\nretry: 5\n" + chunk("Hi") + b"id: 3\n\n" + DONE)
    assert out == chunk("Hi")


def test_an_event_that_is_no_json_passes_and_harms_nothing() -> None:
    of = reader()
    odd = b"data: {broken\n\n"
    out, _ = heard(of, chunk("a") + odd + chunk("b", "stop") + USAGE_CHUNK + DONE)
    assert odd in out
    assert (of.finished, of.usage) == (True, Usage(input=30, output=2))


@pytest.mark.parametrize("count", ["-1", "9223372036854775808", "NaN", "Infinity", '"12"', "1.5", "1e400", "1" * 5000])
@pytest.mark.parametrize("stream", [True, False])
def test_impossible_numbers_are_not_believed_and_the_answer_goes_out(count: str, stream: bool) -> None:
    usage = f'"usage":{{"prompt_tokens":{count},"completion_tokens":2}}'
    body = f'{{"choices":[{{"index":0,"delta":{{"content":"Hi"}},"finish_reason":"stop"}}],{usage}}}'.encode()
    of = reader(stream=stream)
    out, end = heard(of, b"data: " + body + b"\n\n" + DONE if stream else body)
    assert b"Hi" in out + end
    assert of.finished
    assert (of.usage, of.flaw) == (None, "impossible_usage")


@pytest.mark.parametrize("start", [b"<html><body>Bad gateway</body></html>", b'{"error":{"message":"no"}}'])
def test_what_is_no_stream_is_the_providers_fault(start: bytes) -> None:
    with pytest.raises(ProviderBroke):
        reader().feed(start)


def test_a_whole_answer_goes_out_at_its_end() -> None:
    body = json.dumps({"choices": [{"message": {"content": "Hi"}}], "usage": USAGE}).encode()
    of = reader(stream=False)
    assert of.feed(body[:20]) == b""
    assert of.feed(body[20:]) == b""
    assert not of.finished
    assert of.end() == body
    assert (of.finished, of.began, of.usage) == (True, True, Usage(input=30, output=2))


def test_a_whole_answer_without_usage_tells_none() -> None:
    of = reader(stream=False)
    heard(of, b'{"choices":[]}')
    assert (of.usage, of.vendor_usage, of.flaw, of.finished) == (None, None, None, True)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"choices":[', b"[]", b"null", b'{"base_resp":{"status_code":1004}}']
)
def test_a_whole_answer_that_is_none_is_the_providers_fault(body: bytes) -> None:
    of = reader(stream=False)
    of.feed(body)
    with pytest.raises(ProviderBroke):
        of.end()


def test_an_error_sent_as_a_success_is_a_failure() -> None:
    of = reader(stream=False)
    assert heard(of, b'{"error":{"message":"no credit"}}') == (b"", b"")
    assert of.failed == b'{"message":"no credit"}'
    assert not of.finished
