"""Splicing changes what it must and not one byte more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelhall.dialects import openai_chat
from modelhall.dialects.dialect import Change
from modelhall.dialects.splice import members, with_member, with_member_in, with_model, without_value
from modelhall.domain.errors import BadRequest

names = st.one_of(
    st.sampled_from(["model", "stream_options", "max_tokens", "messages", "include_usage", "é", 'a"b', "\\u006d"]),
    st.text(max_size=6),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(['"model":"x"', '{"model":1}', "model", "\u2028"]),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
objects = st.dictionaries(names, values, max_size=6)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[dict[str, object], bytes]:
    """An object, and one of the many ways to write it."""
    found = dict[str, object](draw(objects))
    if draw(st.booleans()):
        found = {**found, "model": draw(st.text(max_size=12))}
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n")]))
    text = json.dumps(found, ensure_ascii=draw(st.booleans()), separators=separators)
    blank = draw(st.sampled_from(["", " ", "\n\t"]))
    return found, f"{blank}{text}{blank}".encode("utf-8", "surrogatepass")


@given(bodies(), st.text(max_size=20))
@settings(max_examples=300)
def test_the_model_is_set_and_all_else_stays(body: tuple[dict[str, object], bytes], model: str) -> None:
    found, wire = body
    spliced = with_model(wire, model)
    assert json.loads(spliced) == {**found, "model": model}
    # The rest is the caller's, byte for byte: outside of the new value nothing is lost but the old one.
    before, after = common_ends(wire, spliced)
    assert len(spliced) - before - after <= len(json.dumps(model).encode()) + len(b'"model":,') + 12 * len(model)


@given(bodies(), st.integers(1, 10**6), st.sampled_from([None, "max_completion_tokens"]))
@settings(max_examples=300)
def test_usage_option_and_limit_are_set_together(
    body: tuple[dict[str, object], bytes], limit: int, name: str | None
) -> None:
    found, wire = body
    options = found.get("stream_options")
    if options is not None and not isinstance(options, dict):
        return
    spliced = openai_chat.rewrite(wire, Change("m", True, limit, name))
    expected = {**found, "model": "m", name or "max_tokens": limit}
    expected["stream_options"] = {**(options or {}), "include_usage": True}
    assert json.loads(spliced) == expected


def common_ends(one: bytes, other: bytes) -> tuple[int, int]:
    """How many bytes are the same from the front, and then from the back."""
    most = min(len(one), len(other))
    before = next((i for i in range(most) if one[i] != other[i]), most)
    most -= before
    after = next((i for i in range(most) if one[-1 - i] != other[-1 - i]), most)
    return before, after


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"a","x":[1, 2.50e3]}', b'{"model":"new","x":[1, 2.50e3]}'),
        (b'{"x":{"model":"a"},"model":"b"}', b'{"x":{"model":"a"},"model":"new"}'),
        (
            b'{"messages":[{"content":"\\"model\\":\\"a\\""}]}',
            b'{"model":"new","messages":[{"content":"\\"model\\":\\"a\\""}]}',
        ),
        (b'{"role":"model","model":null}', b'{"role":"model","model":"new"}'),
        (b'{"model":"a\\"b"}', b'{"model":"new"}'),
        (b"{}", b'{"model":"new"}'),
        (b" { } ", b' {"model":"new" } '),
    ],
)
def test_only_the_own_model_is_set(body: bytes, expected: bytes) -> None:
    assert with_model(body, "new") == expected


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"cheap","model":"dear"}',
        b'{"model":"cheap","mod\\u0065l":"dear"}',
        b'{"mod\\u0065l":"dear","x":{"model":"cheap"}}',
        b'{"\\u006dodel":"dear","model":"cheap"}',
        b'{"model":"new","model":"dear"}',
    ],
)
def test_no_second_model_gets_past_by_its_spelling(body: bytes) -> None:
    pairs = json.loads(with_model(body, "new"), object_pairs_hook=list)
    assert {value for name, value in pairs if name == "model"} == {"new"}


def test_an_option_is_set_inside_an_object_that_is_there() -> None:
    body = b'{"stream_options": {"include_usage": false, "extra": 1}, "model": "m"}'
    assert with_member_in(body, "stream_options", "include_usage", b"true") == (
        b'{"stream_options": {"include_usage": true, "extra": 1}, "model": "m"}'
    )
    assert with_member_in(b'{"stream_options":null}', "stream_options", "a", b"1") == b'{"stream_options":{"a":1}}'


def test_a_member_that_is_null_is_replaced() -> None:
    assert with_member(b'{"max_tokens": null}', "max_tokens", b"5") == b'{"max_tokens": 5}'


def test_a_value_deep_down_is_made_null() -> None:
    body = b'{"choices":[{"index":0},{"usage":{"a":[1]}}],"usage":{"b":2}}'
    assert without_value(body, "choices", 1, "usage") == b'{"choices":[{"index":0},{"usage":null}],"usage":{"b":2}}'
    assert without_value(body, "usage") == b'{"choices":[{"index":0},{"usage":{"a":[1]}}],"usage":null}'
    assert without_value(body, "nothing") is body


@pytest.mark.parametrize("body", [b"", b"{", b'{"a"', b'{"a":}', b"5", b'{"a":1', b"[" * 200_000])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        list(members(body))
