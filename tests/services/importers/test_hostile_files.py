"""Whatever a file holds: a report or a refusal in words, never a crash, and never for long."""

from __future__ import annotations

import json
import time
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelhall.domain.errors import ModelhallError
from modelhall.services.importers.programs import PROGRAMS
from tests.conftest import FULL
from tests.services.importers.conftest import Reader

WORDS = (
    *("model_list", "litellm_params", "model_name", "model", "api_key", "api_base", "model_info", "router_settings"),
    *("fallbacks", "default_fallbacks", "model_group_alias", "litellm_settings", "environment_variables", "order"),
    *("endpoints", "custom", "azureOpenAI", "groups", "models", "default", "name", "apiKey", "baseURL", "headers"),
    *("tokenConfig", "modelSpecs", "list", "preset", "instanceName", "deploymentName", "group", "serverless"),
    *("openai", "ollama", "api_base_urls", "api_keys", "api_configs", "base_urls", "ui", "default_models", "0"),
    *("openai.api_base_urls", "openai.api_configs", "providers", "provider", "id", "providerId", "settings"),
    *("llmProviders", "baseUrl", "resourceName", "input_cost_per_token", "inputCostPerToken", "mode", "azure"),
)
TEXTS = (
    *("openai/gpt-4o", "os.environ/OPENAI_API_KEY", "${OPENAI_API_KEY}", "https://x.example/v1", "http://[::1", "groq"),
    *(
        "anthropic/*",
        "user_provided",
        "gpt-4o",
        "/",
        "openai/",
        "a/b/c",
        "http://u:p@h/",
        "default",
        "\u2028",
        "é" * 300,
    ),
)
LETTERS = st.characters(categories=("L", "N", "P", "S", "Zs"))
LEAVES = st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats(-1e12, 1e12)
VALUES = st.recursive(
    LEAVES | st.sampled_from(TEXTS) | st.text(LETTERS, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=25,
)
FILES = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=5)
BOMBS = {
    "deep": '{"a": ' * 100_000,
    "wide": "a: [" + "1," * 490_000 + "1]",
    "anchors": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n" + "".join(f"k{n}: [*c,*c]\n" for n in range(50_000)),
    "one line": "A" * 990_000,
    "blanks": "model_list: 1" + " " * 980_000 + "x=",
    "quotes": '"' * 990_000,
    "too large": "# " + "x" * 4_100_000,
    "many models": "model_list:\n" + "- {model_name: a, litellm_params: {model: openai/a}}\n" * 19_000,
    "many variables": "A_API_KEY=1\n" * 80_000,
}


@pytest.mark.full
@settings(max_examples=400 if FULL else 60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(held=FILES, program=st.sampled_from(sorted(set(PROGRAMS) - {"env"})), take_keys=st.booleans())
def test_garbage_in_the_right_fields_gives_a_report(
    read: Reader, held: dict[str, Any], program: str, take_keys: bool
) -> None:
    environment = {"OPENAI_API_KEY": "x"}
    told = read(
        program, json.dumps(held, ensure_ascii=False), environment=environment, take_keys=take_keys, via="session"
    )
    document = told.into.document()
    known = {each.id for each in document.profiles}
    assert {each.name.partition("/")[0] for each in document.models} <= known
    assert {model for each in document.aliases for model in each.models} <= {each.name for each in document.models}
    assert "u:p@h" not in repr(told.into.findings)


@pytest.mark.full
@settings(max_examples=400 if FULL else 60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=200), program=st.sampled_from(sorted(PROGRAMS)))
def test_any_text_is_read_or_refused_in_words(read: Reader, text: str, program: str) -> None:
    with suppress(ModelhallError):
        assert read(program, text.encode("utf-8", "replace").decode()).into.document() is not None


@pytest.mark.parametrize("program", sorted(PROGRAMS))
@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_a_bomb_is_refused_quickly_and_in_little_memory(read: Reader, bomb: str, program: str) -> None:
    read(program, "{}" if program != "env" else "A=1")
    text = BOMBS[bomb].encode()
    tracemalloc.start()
    started = time.process_time()
    with suppress(ModelhallError):
        PROGRAMS[program].read(text, "config")
    took, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Tracing makes everything several times slower than it is.
    assert took <= 5
    assert peak <= 32_000_000
