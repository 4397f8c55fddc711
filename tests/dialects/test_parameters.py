"""Requests brought into line with what a model takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.dialects.parameters import ParameterFacts, apply_parameters, merged, told_facts
from modelhall.dialects.splice import without_member
from modelhall.domain.errors import BadRequest

BODY = b'{ "model": "m", "temperature" : 0.2,"messages":[{"temperature":5}], "max_tokens":100 }'


def test_a_body_that_is_in_line_stays_the_same_object() -> None:
    assert apply_parameters(BODY, ParameterFacts()).body is BODY
    assert apply_parameters(BODY, ParameterFacts(unsupported=frozenset({"seed"}))).body is BODY
    assert apply_parameters(BODY, ParameterFacts(ranges={"temperature": (0, 1)})).body is BODY
    assert apply_parameters(b'{"seed":null}', ParameterFacts(unsupported=frozenset({"seed"}))).dropped == ()


def test_only_what_the_model_does_not_take_goes() -> None:
    applied = apply_parameters(BODY, ParameterFacts(unsupported=frozenset({"temperature"})))
    assert applied.body == b'{ "model": "m","messages":[{"temperature":5}], "max_tokens":100 }'
    assert (applied.dropped, applied.changes) == (("temperature",), {})


def test_a_parameter_goes_under_the_name_that_the_model_wants() -> None:
    facts = ParameterFacts(renames={"max_tokens": "max_completion_tokens"})
    applied = apply_parameters(BODY, facts)
    assert json.loads(applied.body)["max_completion_tokens"] == 100
    assert "max_tokens" not in json.loads(applied.body)
    assert applied.changes == {"max_tokens": "sent as max_completion_tokens"}
    both = apply_parameters(b'{"max_tokens":5,"max_completion_tokens":7}', facts)
    assert both.body == b'{"max_completion_tokens":7}'


@pytest.mark.parametrize(
    ("bounds", "sent", "expected", "why"),
    [
        ((0, 1), "1.5", 1, "1.5 → 1: the model takes 0 to 1"),
        ((1, 1), "0.2", 1, "0.2 → 1: the model takes 1 only"),
        ((None, 10), "100", 10, "100 → 10: the model takes at most 10"),
        ((5, None), "-3", 5, "-3 → 5: the model takes at least 5"),
        ((0, 2), "0.7", 0.7, None),
        ((0, 2), '"hot"', "hot", None),
    ],
)
def test_numbers_are_brought_into_their_range(bounds: Any, sent: str, expected: Any, why: str | None) -> None:
    applied = apply_parameters(b'{"x":' + sent.encode() + b"}", ParameterFacts(ranges={"x": bounds}))
    assert json.loads(applied.body) == {"x": expected}
    assert applied.changes == ({} if why is None else {"x": why})


def test_a_range_holds_under_the_new_name() -> None:
    facts = ParameterFacts(ranges={"max_tokens": (None, 50)}, renames={"max_tokens": "max_completion_tokens"})
    applied = apply_parameters(BODY, facts)
    assert json.loads(applied.body)["max_completion_tokens"] == 50
    assert applied.changes == {"max_tokens": "100 → 50: the model takes at most 50; sent as max_completion_tokens"}


def test_of_parameters_that_exclude_each_other_the_first_stays() -> None:
    facts = ParameterFacts(exclusive=(("temperature", "top_p"),))
    applied = apply_parameters(b'{"top_p":1,"temperature":0}', facts)
    assert (applied.body, applied.dropped) == (b'{"temperature":0}', ("top_p",))
    assert apply_parameters(b'{"top_p":1}', facts).dropped == ()


def test_a_body_that_is_no_object_is_refused() -> None:
    with pytest.raises(BadRequest):
        apply_parameters(b'["seed"]', ParameterFacts(unsupported=frozenset({"seed"})))


def test_other_names_are_openai_chats_only_and_what_makes_no_words_is_left_alone() -> None:
    facts = ParameterFacts(
        ranges={"max_tokens": (None, 50)},
        renames={"max_tokens": "max_completion_tokens"},
        unsupported=frozenset({"temperature"}),
    )
    for dialect in ("anthropic_messages", "openai_completions"):
        applied = apply_parameters(BODY, facts, dialect)
        assert json.loads(applied.body) == {"model": "m", "messages": [{"temperature": 5}], "max_tokens": 50}
        assert applied.changes == {"max_tokens": "100 → 50: the model takes at most 50"}
        assert applied.dropped == ("temperature",)
    for dialect in ("openai_embeddings", "anthropic_count_tokens"):
        assert apply_parameters(BODY, facts, dialect).body is BODY


@pytest.mark.parametrize(
    ("effort", "goes"),
    [
        ("", False),
        (',"reasoning_effort":"none"', False),
        (',"reasoning_effort":null', False),
        (',"reasoning_effort":"low"', True),
    ],
)
def test_some_parameters_go_only_with_a_model_that_does_not_think(effort: str, goes: bool) -> None:
    facts = ParameterFacts(without_effort=frozenset({"temperature"}))
    applied = apply_parameters(b'{"temperature":0.5%s}' % effort.encode(), facts)
    assert applied.dropped == (("temperature",) if goes else ())
    assert (b"temperature" in applied.body) is not goes


def test_facts_are_read_from_what_is_kept_with_a_model() -> None:
    told: dict[str, object] = {
        "temperature": {"min": 0, "max": 1},
        "top_p": {"min": 0},
        "max_tokens": {"sent_as": "max_completion_tokens"},
        "seed": {"taken": False},
        "top_k": {"taken": True},
        "a": "no",
        "b": {"min": "1", "max": True, "sent_as": 5, "taken": "yes"},
        "c": {"sent_as": "c"},
    }
    assert told_facts(told) == ParameterFacts(
        ranges={"temperature": (0, 1), "top_p": (0, None)},
        renames={"max_tokens": "max_completion_tokens"},
        unsupported=frozenset({"seed"}),
        takes=frozenset({"temperature", "top_p", "max_tokens", "top_k"}),
    )


def test_what_counts_more_is_believed_and_the_rest_stays() -> None:
    lower = ParameterFacts(
        ranges={"temperature": (0, 2), "seed": (0, 9)},
        unsupported=frozenset({"top_p", "top_k", "min_p"}),
        takes=frozenset({"logit_bias"}),
        max_output=9,
        thinking="never",
    )
    upper = ParameterFacts(
        ranges={"temperature": (None, 1), "top_k": (1, None)},
        unsupported=frozenset({"seed", "logit_bias"}),
        without_effort=frozenset({"min_p"}),
        takes=frozenset({"top_p"}),
        thinking="budget",
    )
    assert merged(lower, upper) == ParameterFacts(
        ranges={"temperature": (0, 1), "top_k": (1, None)},
        unsupported=frozenset({"seed", "logit_bias", "top_k"}),
        without_effort=frozenset({"min_p"}),
        takes=frozenset({"top_p"}),
        max_output=9,
        thinking="budget",
    )
    assert merged(ParameterFacts(), lower) == lower == merged(lower, ParameterFacts())


NAMES = st.sampled_from(["a", "b", "c", 'd"\\'])


@given(
    st.lists(st.tuples(NAMES, st.sampled_from(["1", '{"a": [1]}', '"a"', "[ ]"])), max_size=5),
    NAMES,
    st.sampled_from(["", " ", "\n"]),
)
def test_a_member_goes_and_every_other_byte_stays(pairs: list[tuple[str, str]], name: str, blank: str) -> None:
    def written(of: list[tuple[str, str]]) -> str:
        return "{" + ",".join(f"{blank}{json.dumps(each)}{blank}:{value}" for each, value in of) + blank + "}"

    kept = [pair for pair in pairs if pair[0] != name]
    found = without_member(written(pairs).encode(), name)
    assert json.loads(found) == json.loads(written(kept))
    assert all(f"{json.dumps(each)}{blank}:{value}".encode() in found for each, value in kept)
