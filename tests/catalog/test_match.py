"""A match finds what a provider means by an id, and nothing that only looks like it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.load import load
from modelhall.catalog.model import version_in
from modelhall.catalog.spellings import spellings, undated

SHIPPED = load()
LISTED = [(provider, model.id) for provider in ("openai", "anthropic", "mistral") for model in SHIPPED.models(provider)]
PLAIN = [listed for listed in LISTED if not listed[1].startswith("ft:")]


def test_every_listed_id_matches_itself_exactly(catalog: Catalog) -> None:
    for model in catalog:
        match = catalog.match(model.provider, model.id)
        assert match is not None
        assert (match.how, match.model) == ("exact", model)


@pytest.mark.parametrize(
    ("provider", "asked", "listed", "how"),
    [
        ("anthropic", "claude-sonnet-4-5-latest", "claude-sonnet-4-5", "alias"),
        ("anthropic", "claude-sonnet-4-5-20271231", "claude-sonnet-4-5", "snapshot"),
        ("openai", "gpt-4.1-2027-01-31", "gpt-4.1", "snapshot"),
        ("openai", "GPT-4.1", "gpt-4.1", "alias"),
        ("google", "models/gemini-2.5-pro", "gemini-2.5-pro", "alias"),
        ("gemini", "models/gemini-2.5-pro", "gemini-2.5-pro", "alias"),
        ("google", "gemini-2.5-flash-001", "gemini-2.5-flash", "alias"),
        ("vertex_ai", "publishers/anthropic/models/claude-sonnet-4@20250514", "claude-sonnet-4@20250514", "alias"),
        (
            "bedrock",
            "ca.anthropic.claude-3-5-sonnet-20241022-v2:0",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "alias",
        ),
        (
            "amazon-bedrock",
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20241022-v2:0",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "alias",
        ),
        ("together", "meta-llama/llama-3.3-70b-instruct-turbo", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "alias"),
        ("fireworks", "deepseek-v3p2", "accounts/fireworks/models/deepseek-v3p2", "alias"),
        ("openai", "ft:gpt-4o-2024-08-06:acme::9abc", "ft:gpt-4o-2024-08-06", "alias"),
        ("ollama", "llama3.1:latest", "llama3.1", "alias"),
    ],
)
def test_other_spellings_of_a_listed_id_match_it(
    catalog: Catalog, provider: str, asked: str, listed: str, how: str
) -> None:
    match = catalog.match(provider, asked)
    assert match is not None
    assert (match.model.id, match.how) == (listed, how)


@pytest.mark.parametrize(
    ("provider", "asked"),
    [
        ("openai", "gpt"),
        ("openai", "gpt-4.1-2025-04-14-free"),
        ("openai", "my-gpt-4.1"),
        ("openai", "gpt-4.1 "),
        ("openai", ""),
        ("openai", "claude-sonnet-4-5"),
        ("openai", "ft:gpt-9:acme::x"),
        ("openrouter", "openai/gpt-4.1:free"),
        ("openrouter", "openai/gpt-4.1:nitro"),
        ("openrouter", "gpt-4.1"),
        ("mistral", "mistral-large-2712"),
        ("anthropic", "claude-sonnet-4-5-20251332"),
        ("anthropic", "anthropic.claude-sonnet-4-5"),
        ("no-such-provider", "gpt-4.1"),
        ("openai-compatible", "gpt-4.1"),
    ],
)
def test_what_only_looks_like_a_listed_id_matches_nothing(catalog: Catalog, provider: str, asked: str) -> None:
    assert catalog.match(provider, asked) is None


def test_a_free_offer_has_its_own_entry_and_price(catalog: Catalog) -> None:
    free = catalog.match("openrouter", "meta-llama/llama-3.3-70b-instruct:free")
    paid = catalog.match("openrouter", "meta-llama/llama-3.3-70b-instruct")
    assert free is not None
    assert paid is not None
    assert {rate.usd_per_million for rate in free.model.rates} == {0}
    assert all(rate.usd_per_million for rate in paid.model.rates if rate.usage_class in {"input", "output"})


def test_names_that_stand_for_a_snapshot_are_tied_to_it(catalog: Catalog) -> None:
    dated = catalog.match("anthropic", "claude-sonnet-4-20250514")
    floating = catalog.match("anthropic", "claude-sonnet-4-0")
    assert dated is not None
    assert floating is not None
    assert floating.model.same_as == dated.model.id
    assert "claude-sonnet-4-0" in dated.model.aliases
    assert dated.model.version == "2025-05-14"


@given(st.sampled_from(PLAIN), st.sampled_from(["x", "-x", ":free", "-free", "-2512", "-mini", "/x", "0", " "]))
def test_something_added_to_an_id_never_takes_its_price(listed: tuple[str, str], added: str) -> None:
    provider, asked = listed[0], listed[1] + added
    match = SHIPPED.match(provider, asked)
    assert match is None or match.model.id.casefold().removesuffix("-latest") == asked.casefold()


@given(st.sampled_from(SHIPPED.providers), st.sampled_from(LISTED), st.text(max_size=8))
def test_a_match_is_always_a_model_of_the_provider_that_was_asked(
    provider: str, listed: tuple[str, str], noise: str
) -> None:
    for asked in (listed[1], noise, listed[1] + noise, noise + listed[1]):
        match = SHIPPED.match(provider, asked)
        assert match is None or match.model.provider == provider


@given(st.sampled_from(SHIPPED.providers), st.text(max_size=40))
def test_any_text_at_all_is_answered_without_an_error(provider: str, text: str) -> None:
    for spelling in spellings(provider, text):
        assert spelling != text
    SHIPPED.match(provider, text)
    version_in(text)


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2049, 12, 31)))
def test_a_whole_date_comes_off_in_both_usual_forms(day: date) -> None:
    assert undated(f"some-model-{day}") == "some-model"
    assert undated(f"some-model-{day:%Y%m%d}") == "some-model"


@pytest.mark.parametrize(
    "model_id", ["mistral-large-2512", "kimi-k2-0905", "gpt-4-0613", "model-20251340", "model-2025-02"]
)
def test_a_stamp_that_is_a_version_stays_on(model_id: str) -> None:
    assert undated(model_id) is None


@pytest.mark.parametrize(
    ("model_id", "version"),
    [
        ("claude-sonnet-4-20250514", "2025-05-14"),
        ("gpt-4.1-2025-04-14", "2025-04-14"),
        ("kimi-k2-0905", "0905"),
        ("gpt-4.1-nano", "4.1"),
        ("deepseek-v4-pro", "4"),
        ("whisper", None),
    ],
)
def test_the_version_in_a_name_is_read(model_id: str, version: str | None) -> None:
    assert version_in(model_id) == version


def test_provider_names_of_the_sources_lead_to_one_provider(catalog: Catalog) -> None:
    names = {
        "aws": "amazon-bedrock",
        "gemini": "google",
        "together_ai": "togetherai",
        "x-ai": "xai",
        "dashscope": "alibaba",
    }
    assert {name: catalog.provider(name) for name in names} == names
    assert catalog.provider("openai-compatible") == "openai-compatible"
