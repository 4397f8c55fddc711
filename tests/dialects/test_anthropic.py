"""What the house reads in Anthropic's requests and answers, and what of them goes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.dialects import anthropic_count_tokens, anthropic_messages
from modelhall.dialects.dialect import Ask, Change, Reader
from modelhall.domain.errors import BadRequest, ProviderBroke
from modelhall.domain.usage import Usage
from tests.replay import Cassette

STREAM = Cassette.load("anthropic/messages_stream").body
STOP = STREAM[STREAM.index(b"event: message_stop") :]
USAGE = Usage(input=50, cache_read=4096, cache_write_5m=300, cache_write_1h=1000, output=110, reasoning=120, searches=2)


def message(**fields: Any) -> bytes:
    """A request with these fields."""
    return json.dumps(
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], **fields}
    ).encode()


def event(name: str, **fields: Any) -> bytes:
    """One event."""
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n".encode()


def reader(*, stream: bool = True) -> Reader:
    """A reader for an answer."""
    return anthropic_messages.reader(Ask(model="m", stream=stream))


def heard(of: Reader, *reads: bytes) -> tuple[bytes, bytes]:
    """What goes out before the end, and at the end."""
    return b"".join(of.feed(read) for read in reads), of.end()


def test_a_plain_request_is_read() -> None:
    body = message(stream=True)
    ask = anthropic_messages.read(body)
    assert (ask.model, ask.stream, ask.wants_usage, ask.output_limit, ask.choices) == ("m", True, True, 9, 1)
    assert (ask.needs, ask.plain_bytes) == (frozenset(), len(body))


def test_a_request_without_a_limit_gets_the_one_that_the_dialect_requires() -> None:
    body = b'{"messages":[],"model":"m"}'
    assert anthropic_messages.NEEDS_OUTPUT_LIMIT
    assert anthropic_messages.read(body).output_limit is None
    assert anthropic_messages.rewrite(body, Change("x", usage_option=True, output_limit=4096)) == (
        b'{"max_tokens":4096,"messages":[],"model":"x"}'
    )


def test_pictures_and_documents_are_found_also_in_results_of_tools() -> None:
    data = "A" * 40_000
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    linked = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    paper = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data}}
    plain = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}}
    nested = {"type": "document", "source": {"type": "content", "content": [linked]}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [picture, {"type": "text", "text": "x"}]}
    content = [picture, linked, paper, plain, nested, result, {"type": "text", "text": 'an "image"'}]
    body = message(messages=[{"role": "user", "content": content}], tools=[{"name": "f"}])
    ask = anthropic_messages.read(body)
    assert ask.needs == {"vision", "documents", "tools"}
    assert (ask.images, ask.pages) == (4, 600)
    assert ask.plain_bytes == len(body) - 3 * len(data)


def test_a_wanted_schema_is_a_need() -> None:
    config = {"format": {"type": "json_schema", "schema": {}}}
    assert anthropic_messages.read(message(output_config=config)).needs == {"json_schema"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"max_tokens": "9"}, "max_tokens"),
        ({"messages": {}}, "messages"),
        ({"messages": [{"content": [{"type": "image", "source": {"type": 5}}]}]}, "source.type"),
    ],
)
def test_a_wrong_body_is_refused_with_the_place(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        anthropic_messages.read(message(**fields))
    assert caught.value.details["param"] == place


def test_counting_asks_the_same_and_uses_nothing() -> None:
    ask = anthropic_count_tokens.read(message(tools=[{"name": "f"}]))
    assert (ask.generates, ask.needs) == (False, {"tools"})
    of = anthropic_count_tokens.reader(ask)
    assert heard(of, b'{"input_tokens":2095}') == (b"", b'{"input_tokens":2095}')
    assert (of.usage, of.vendor_usage, of.finished) == (Usage(input=0, output=0), b'{"input_tokens":2095}', True)


def test_a_stream_passes_byte_for_byte_and_its_end_waits() -> None:
    of = reader()
    assert heard(of, STREAM) == (STREAM.removesuffix(STOP), STOP)
    assert (of.finished, of.began, of.pieces, of.failed, of.flaw, of.usage) == (True, True, 2, None, None, USAGE)


@given(st.data())
def test_however_it_is_cut_the_same_goes_out(data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(STREAM)), max_size=20)))
    of = reader()
    out, end = heard(of, *(STREAM[a:b] for a, b in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)))
    assert (out + end, of.usage, of.pieces) == (STREAM, USAGE, 2)


@pytest.mark.parametrize("kept", range(8))
def test_a_stream_without_its_stop_has_not_finished(kept: int) -> None:
    events = [each + b"\n\n" for each in STREAM.split(b"\n\n")[:kept]]
    of = reader()
    out, end = heard(of, *events)
    assert (out, end, of.finished) == (b"".join(events), b"", False)


def test_a_preamble_is_not_the_beginning() -> None:
    of = reader()
    of.feed(event("message_start", message={"usage": {"input_tokens": 5}}) + event("ping"))
    of.feed(event("content_block_start", index=0, content_block={"type": "text", "text": ""}))
    assert not of.began
    of.feed(event("content_block_delta", index=0, delta={"type": "text_delta", "text": "x"}))
    assert of.began


def test_usage_grows_from_start_to_delta_and_nothing_is_taken_back() -> None:
    of = reader()
    start = {"input_tokens": 25, "cache_read_input_tokens": 7, "output_tokens": 1}
    of.feed(event("message_start", message={"usage": start}))
    assert of.usage == Usage(input=25, cache_read=7, output=1)
    of.feed(event("message_delta", usage={"output_tokens": 9, "input_tokens": 0, "cache_read_input_tokens": None}))
    of.feed(event("message_delta", usage={"output_tokens": 15}))
    assert of.usage == Usage(input=25, cache_read=7, output=15)


def test_an_error_event_is_a_failure_and_no_end() -> None:
    of = reader()
    out, end = heard(of, event("ping") + event("error", error={"type": "overloaded_error", "message": "x"}) + STOP)
    assert (out, end, of.finished) == (event("ping"), b"", False)
    assert of.failed is not None
    assert json.loads(of.failed) == {"type": "overloaded_error", "message": "x"}


def test_the_name_of_an_event_says_what_its_data_says() -> None:
    of = reader()
    out, _ = heard(of, b'id: 1\nretry: 2\nevent: execute\ndata: {"type":"ping"}\n\ndata: {"type":"ping"}\n\n')
    assert out == b'event: ping\ndata: {"type":"ping"}\n\n' * 2


def test_comments_pass_and_events_that_no_client_knows_do_not() -> None:
    wire = b": keep-alive\n\n" + event("execute", field=1) + event("message_note", field=1)
    wire += event("ping") + event("message_x\n\nevent: message_stop") + event("x")
    kept = b": keep-alive\n\n" + event("message_note", field=1) + event("ping")
    assert heard(reader(), wire) == (kept, b"")


def test_an_event_that_makes_no_sense_is_the_providers_fault() -> None:
    with pytest.raises(ProviderBroke):
        reader().feed(b"event: ping\ndata: {broken\n\n")
    with pytest.raises(ProviderBroke):
        reader().feed(b'{"type":"error"}')


@pytest.mark.parametrize("count", ["-1", "NaN", "1e400", '"5"', "2.5", "9223372036854775808"])
@pytest.mark.parametrize("stream", [True, False])
def test_impossible_numbers_are_not_believed_and_the_answer_goes_out(count: str, stream: bool) -> None:
    usage = f'"usage":{{"input_tokens":{count},"output_tokens":5}}'
    of = reader(stream=stream)
    delta = f'event: message_delta\ndata: {{"type":"message_delta",{usage}}}\n\n'.encode()
    out, end = heard(of, delta + STOP if stream else f'{{"content":[],{usage}}}'.encode())
    assert usage.encode() in out + end
    assert (of.finished, of.usage, of.flaw) == (True, None, "impossible_usage")


def test_a_whole_answer_goes_out_at_its_end() -> None:
    body = Cassette.load("anthropic/messages").body
    of = reader(stream=False)
    assert heard(of, body) == (b"", body)
    assert of.usage == USAGE
