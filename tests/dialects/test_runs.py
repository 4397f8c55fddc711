"""Runs of alike events are told as reading each event would tell them."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.dialects import openai_chat
from modelhall.dialects.dialect import Ask
from modelhall.dialects.openai_stream import OpenAIStreamReader
from modelhall.dialects.runs import MOST_MISSES, Runs

ASK = Ask(model="m", stream=True, wants_usage=True)
DONE = b"data: [DONE]\n\n"


def event(delta: object, finish: str | None = None, *, compact: bool = True, **more: object) -> bytes:
    chunk = {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | more
    return b"data: " + json.dumps(chunk, separators=(",", ":") if compact else None).encode() + b"\n\n"


class Unlearned(Runs):
    """Never knows a form, so that each event is read."""

    def learn(self, event: bytes) -> None:
        """Learns nothing."""


def heard(pieces: Iterable[bytes], runs: type[Runs] = Runs) -> tuple[object, ...]:
    reader = openai_chat.reader(ASK)
    assert isinstance(reader, OpenAIStreamReader)
    reader._runs = runs(b'"content":"', b'"content": "')  # pyright: ignore[reportPrivateUsage]
    out = b"".join([*map(reader.feed, pieces), reader.end()])
    return out, reader.pieces, reader.finished, reader.failed, reader.usage, reader.flaw


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(['"', "\\", '\\"', 'x","error":{"message":"no"},"y":"', "\n\n", '"}}]}\n\ndata: [DONE]', ""]),
)
ODD = st.sampled_from(
    [
        event({"content": "x"}, error={"message": "no"}),
        event({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": 2}),
        event({"content": "x"}, "stop"),
        event({"content": "x"}, id="d"),
        event({}, "length"),
        event({"content": None}),
        b": comment\n\n",
        b"\n",
        b"event: execute\ndata: {}\n\n",
        b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"x',
        b"data: nonsense\n\n",
        b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\nid: 7\n\n',
        b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"x","evil":"y"},"finish_reason":null}]}\n\n',
        DONE,
    ]
)


@given(
    texts=st.lists(TEXTS, min_size=2, max_size=30),
    odd=st.lists(st.tuples(st.integers(0, 30), ODD), max_size=4),
    compact=st.booleans(),
    cuts=st.lists(st.integers(0, 6_000), max_size=6),
)
def test_a_stream_reads_the_same_with_runs_and_without(
    texts: list[str], odd: list[tuple[int, bytes]], compact: bool, cuts: list[int]
) -> None:
    events = [event({"content": text}, compact=compact) for text in texts]
    for place, strange in odd:
        events.insert(min(place, len(events)), strange)
    wire = b"".join([*events, event({}, "stop", compact=compact), DONE])
    places = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    pieces = [wire[start:end] for start, end in zip(places, places[1:], strict=False)]
    assert heard(pieces) == heard(pieces, Unlearned)


def test_a_run_ends_where_an_event_says_more() -> None:
    runs, plain = Runs(b'"content":"'), event({"content": "a"})
    runs.learn(plain[:-2])
    more = event({"content": "b"}, "stop")
    assert runs.end(plain * 5 + more, 0) == len(plain) * 5
    assert runs.events == 5
    assert runs.end(plain + more + plain, len(plain)) == len(plain)


@pytest.mark.parametrize("text", ['"', "\\", '\\"', 'x","error":"y', "ä\n"])
def test_texts_with_quotes_and_escapes_belong_to_a_run(text: str) -> None:
    runs = Runs(b'"content":"')
    runs.learn(event({"content": "a"})[:-2])
    wire = event({"content": text}) * 3
    assert (runs.end(wire, 0), runs.events) == (len(wire), 3)


def test_what_looks_like_a_text_and_is_more_ends_a_run() -> None:
    runs, plain = Runs(b'"content":"'), event({"content": "a"})
    runs.learn(plain[:-2])
    evil = plain.replace(b'"a"', b'"a","error":"b"')
    assert runs.end(plain + evil + plain, 0) == len(plain)


def test_events_that_are_never_alike_are_soon_left_alone() -> None:
    runs = Runs(b'"content":"')
    for number in range(MOST_MISSES + 5):
        one = event({"content": "a"}, number=number)
        runs.learn(one[:-2])
        runs.end(event({"content": "a"}, number=-1), 0)
    runs.learn(event({"content": "a"})[:-2])
    assert runs.end(event({"content": "b"}), 0) == 0
