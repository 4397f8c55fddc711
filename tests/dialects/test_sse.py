"""The splitter gives the same events however the bytes arrive, in linear time and bounded memory."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.dialects.sse import EventSplitter, begins, event_of, fields_of
from modelhall.domain.errors import ProviderBroke

# What is no line end in an event stream, though some libraries split there.
NO_LINE_ENDS = "\u2028\u2029\u0085\u000b\u000c"


def split(*reads: bytes) -> list[bytes]:
    """The events of a stream that arrives in these reads, without their blank lines."""
    splitter = EventSplitter()
    return [event for read in reads for event in splitter.feed(read).split(b"\n\n") if event.strip(b"\n")]


texts = st.text(alphabet='ab {}":é𝄞' + NO_LINE_ENDS, max_size=20)
line_ends = st.sampled_from([b"\n", b"\r", b"\r\n"])


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Some events with line ends of every kind, mixed."""
    wire = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    for data in draw(st.lists(texts, min_size=1, max_size=6)):
        wire += b"data: " + data.encode() + draw(line_ends) + draw(line_ends)
    return wire


@given(streams(), st.data())
def test_every_way_of_cutting_gives_the_same_events(wire: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=12)))
    reads = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert split(*reads) == split(wire) == reference(wire)
    assert split(*(wire[i : i + 1] for i in range(len(wire)))) == reference(wire)


def reference(wire: bytes) -> list[bytes]:
    """The same, written for clearness: normalise everything at once."""
    text = wire.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    whole = text[: text.rfind(b"\n\n") + 2] if b"\n\n" in text else b""
    return [event for event in whole.split(b"\n\n") if event.strip(b"\n")]


def test_a_read_of_whole_events_is_given_back_as_the_same_object() -> None:
    read = b"data: 1\n\ndata: 2\n\n"
    assert EventSplitter().feed(read) is read


def test_a_blank_line_cut_in_two_ends_its_event() -> None:
    assert split(b"data: 1\n", b"\ndata: 2", b"\n\n") == [b"data: 1", b"data: 2"]


def test_an_event_without_its_blank_line_is_not_given() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: 1\n\ndata: 2\n") == b"data: 1\n\n"
    assert splitter.rest() == b"data: 2\n"


@pytest.mark.parametrize("letter", NO_LINE_ENDS)
def test_other_separators_are_text(letter: str) -> None:
    event = f'data: {{"a":"x{letter}y"}}'.encode()
    assert split(event + b"\n\n") == [event]


def test_an_event_above_the_bound_is_refused_however_it_comes() -> None:
    giant = b"data: " + b"x" * 2000
    with pytest.raises(ProviderBroke, match="more than 1000 bytes"):
        EventSplitter(most_event=1000).feed(giant + b"\n\n")
    splitter = EventSplitter(most_event=1000)
    assert splitter.feed(giant[:1000]) == b""
    with pytest.raises(ProviderBroke):
        splitter.feed(giant[1000:])


def test_many_small_events_in_a_large_read_are_fine() -> None:
    wire = b"data: 1\n\n" * 1000
    assert EventSplitter(most_event=100).feed(wire) == wire


@pytest.mark.timed
def test_a_long_event_in_many_pieces_takes_linear_time() -> None:
    piece = b"x" * 100

    def seconds(pieces: int) -> float:
        splitter, start = EventSplitter(), time.perf_counter()
        for _ in range(pieces):
            splitter.feed(piece)
        return time.perf_counter() - start

    seconds(1000)
    small, large = min(seconds(2_000) for _ in range(3)), min(seconds(32_000) for _ in range(3))
    assert large < small * 16 * 5, "a quadratic splitter takes 256 times as long"


def test_fields_are_read_as_the_standard_says() -> None:
    fields = fields_of(b": note\nid: 7\nretry: 10\nevent: ping\ndata: one\ndata:two\nunknown")
    assert (fields.event, fields.data) == (b"ping", b"one\ntwo")
    assert fields_of(b": only a comment").data is None
    assert fields_of(b"error: broken").error == b"broken"


def test_an_event_is_written_with_a_line_for_each_line_of_data() -> None:
    assert event_of(b"ping", b"a\nb") == b"event: ping\ndata: a\ndata: b"
    assert event_of(b"", b"a") == b"data: a"


@pytest.mark.parametrize("start", [b'{"error":{}}', b"<html>", b" \r\n{", b"\xef\xbb\xbf{"])
def test_what_is_no_event_stream_is_told_at_its_first_byte(start: bytes) -> None:
    with pytest.raises(ProviderBroke) as caught:
        begins(start)
    assert caught.value.details["answer"]


def test_blanks_do_not_tell_yet() -> None:
    assert not begins(b" \n")
    assert begins(b": hello")
