"""Stored values go into requests that say nothing, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modelhall.dialects.parameters import Applied, ParameterFacts
from modelhall.dialects.stored_values import StoredValue, with_stored_values

CHAT = "openai_chat"
WHOSE = "stored for this model"


def applied(
    body: dict[str, Any], stored: dict[str, Any], facts: ParameterFacts | None = None, dialect: str = CHAT
) -> Applied:
    return with_stored_values(json.dumps(body).encode(), told(stored), facts or ParameterFacts(), dialect)


def told(stored: dict[str, Any]) -> dict[str, StoredValue]:
    return {name: StoredValue(json.dumps(value).encode(), WHOSE) for name, value in stored.items()}


def sent(done: Applied) -> Any:
    return json.loads(done.body)


def test_what_is_open_gets_the_stored_value_and_the_change_says_whose_it_is() -> None:
    done = applied({"model": "m", "top_p": 1}, {"temperature": 0.2, "top_p": 0.5})
    assert sent(done) == {"model": "m", "top_p": 1, "temperature": 0.2}
    assert done.changes == {"temperature": "0.2: stored for this model"}


def test_whatever_the_caller_says_counts_be_it_zero_or_null() -> None:
    body = {"temperature": None, "top_p": 0, "max_completion_tokens": None}
    assert sent(applied(body, {"temperature": 0.2, "top_p": 0.5, "max_tokens": 9})) == body


def test_a_limit_under_its_other_name_is_the_callers_limit() -> None:
    body = {"max_completion_tokens": 5}
    done = applied(body, {"max_tokens": 9})
    assert (sent(done), done.changes) == (body, {})


@pytest.mark.parametrize(
    ("dialect", "names"),
    [
        (CHAT, {"temperature", "max_tokens", "presence_penalty", "stop", "reasoning_effort"}),
        ("openai_completions", {"temperature", "max_tokens", "presence_penalty", "stop"}),
        ("anthropic_messages", {"temperature", "max_tokens", "stop_sequences"}),
        ("openai_embeddings", set[str]()),
        ("anthropic_count_tokens", set[str]()),
    ],
)
def test_a_dialect_gets_only_what_it_knows(dialect: str, names: set[str]) -> None:
    stored = {"temperature": 1, "max_tokens": 9, "presence_penalty": 1, "stop": ["END"], "reasoning_effort": "none"}
    done = applied({}, {**stored, "unknown": 1}, dialect=dialect)
    assert set(sent(done)) == names == set(done.changes)


def test_what_the_model_does_not_take_is_not_added() -> None:
    facts = ParameterFacts(unsupported=frozenset({"top_p"}), without_effort=frozenset({"temperature"}))
    stored = {"temperature": 0.2, "top_p": 0.5}
    assert sent(applied({}, stored, facts)) == {"temperature": 0.2}
    assert sent(applied({"reasoning_effort": "low"}, stored, facts)) == {"reasoning_effort": "low"}
    assert sent(applied({"reasoning_effort": "none"}, stored, facts))["temperature"] == 0.2


@pytest.mark.parametrize("body", [{"reasoning_effort": "low"}, {"thinking": {"type": "adaptive"}}], ids=str)
def test_a_model_that_is_to_think_gets_no_stored_temperature(body: dict[str, Any]) -> None:
    done = applied(body, {"temperature": 0.2, "top_p": 0.5, "max_tokens": 9}, ParameterFacts(thinking="adaptive"))
    assert sent(done) == body | {"max_tokens": 9}


def test_of_two_of_which_one_is_taken_the_callers_stays_and_else_the_first() -> None:
    facts = ParameterFacts(exclusive=(("temperature", "top_p"),))
    stored = {"temperature": 0.2, "top_p": 0.5}
    assert sent(applied({"top_p": 0.9}, stored, facts)) == {"top_p": 0.9}
    assert sent(applied({}, stored, facts)) == {"temperature": 0.2}


def test_without_anything_to_add_the_body_is_the_same_object() -> None:
    body = b'{ "temperature" : 1 }'
    assert with_stored_values(body, told({"temperature": 0.2}), ParameterFacts(), CHAT).body is body
    assert with_stored_values(b"not even JSON", {}, ParameterFacts(), CHAT).body == b"not even JSON"


def test_a_stored_effort_closes_what_is_not_taken_beside_thinking_whatever_the_order() -> None:
    stored = {"temperature": 0.2, "max_tokens": 9, "reasoning_effort": "low"}
    facts = ParameterFacts(without_effort=frozenset({"temperature"}))
    assert sent(applied({}, stored, facts)) == {"reasoning_effort": "low", "max_tokens": 9}
    assert sent(applied({"reasoning_effort": "none"}, stored, facts)) == {
        "reasoning_effort": "none", "temperature": 0.2, "max_tokens": 9,
    }  # fmt: skip
