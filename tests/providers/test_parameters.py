"""What is known of models' parameters: whose word counts, and what the vendors' pages say."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

import pytest

from modelhall.catalog.load import load
from modelhall.dialects.parameters import ParameterFacts
from modelhall.domain.library import Model, Told
from modelhall.providers.parameters import BY_PERSON, BY_PROVIDER, facts_of, parameters_of
from modelhall.providers.provider import Provider
from modelhall.providers.registry import providers
from tests.support.models import a_model_of

SAMPLING = {"temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty"}


def facts(model: Model) -> ParameterFacts:
    return facts_of(model, providers()[model.provider])


def test_nothing_is_known_of_an_unknown_model() -> None:
    assert facts(a_model_of("openai-compatible")) == ParameterFacts()


def test_a_reasoning_model_of_openai_loses_its_sampling_and_gets_its_limit_under_the_name_it_wants() -> None:
    found = facts(a_model_of("openai", "gpt-5", capabilities={"sampling": False}, max_output=128_000))
    assert found.unsupported == SAMPLING
    assert found.renames == {"max_tokens": "max_completion_tokens"}
    assert found.ranges["max_completion_tokens"] == (None, 128_000)
    shown = parameters_of(a_model_of("openai", "gpt-5", capabilities={"sampling": False}), providers()["openai"])
    assert (shown["temperature"].taken, shown["temperature"].highest) == (False, None)


@pytest.mark.parametrize("model_id", ["gpt-5.1", "gpt-5.2-2025-12-11", "gpt-5.4-mini"])
def test_later_ones_keep_temperature_and_top_p_where_they_do_not_think(model_id: str) -> None:
    found = facts(a_model_of("openai", model_id, capabilities={"sampling": False}))
    assert found.without_effort == {"temperature", "top_p"}
    assert found.unsupported == SAMPLING - {"temperature", "top_p"}


def test_other_models_of_openai_get_its_documented_ranges() -> None:
    found = facts(a_model_of("openai", "gpt-4o"))
    assert found.ranges == {
        "temperature": (0, 2),
        "top_p": (0, 1),
        "frequency_penalty": (-2, 2),
        "presence_penalty": (-2, 2),
    }
    assert found.unsupported == frozenset()


@pytest.mark.parametrize(
    ("model_id", "thinking"),
    [
        ("claude-3-5-haiku-latest", None),
        ("claude-3-7-sonnet-20250219", "budget"),
        ("claude-opus-4-20250514", "budget"),
        ("claude-opus-4-1", "budget"),
        ("claude-haiku-4-5-20251001", "budget"),
        ("claude-opus-4-6", "adaptive"),
        ("claude-opus-4-7-20260416", "adaptive"),
        ("claude-fable-5-1", "adaptive"),
        ("claude-opus-5", "adaptive"),
    ],
)
def test_how_a_claude_is_asked_to_think_is_known(model_id: str, thinking: str | None) -> None:
    found = facts(a_model_of("anthropic", model_id))
    assert (found.thinking, found.ranges["temperature"]) == (thinking, (0, 1))


def test_no_claude_that_the_catalog_knows_not_to_think_is_asked_to() -> None:
    wrong = [
        listed.id
        for listed in load().models("anthropic")
        if listed.supports("reasoning") is False and facts(a_model_of("anthropic", listed.id)).thinking is not None
    ]
    assert wrong == []


def test_a_persons_word_counts_before_the_providers_and_the_providers_before_the_catalogs() -> None:
    model = a_model_of(
        "openai",
        "o3",
        capabilities={"sampling": False},
        parameters={
            BY_PROVIDER: {"seed": {"taken": False}, "top_p": {"taken": True}, "top_k": {"taken": True}},
            BY_PERSON: {"temperature": {"max": 1}, "top_k": {"taken": False}},
        },
        sources={"parameters.person": Told("person", "2026-11-20")},
    )
    found = facts(model)
    assert found.unsupported == {"seed", "top_k", "frequency_penalty", "presence_penalty"}
    assert found.ranges["temperature"] == (0, 1)
    shown = parameters_of(model, providers()["openai"])
    assert [told.source for told in shown["temperature"].sources] == ["person", "provider", "catalog"]
    assert shown["temperature"].sources[0].as_of == "2026-11-20"
    assert (shown["temperature"].taken, shown["top_p"].taken, shown["seed"].taken) == (True, True, False)
    assert urlsplit(shown["temperature"].page or "").scheme == "https"


@pytest.mark.parametrize("provider", providers().values(), ids=lambda provider: provider.name)
def test_every_rule_names_its_page_and_the_day_it_was_read(provider: Provider) -> None:
    for rule in provider.parameters:
        assert urlsplit(rule.page).scheme == "https"
        assert date.fromisoformat(rule.read_on) <= date(2100, 1, 1)
        assert re.compile(rule.models)
