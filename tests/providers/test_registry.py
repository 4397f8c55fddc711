"""What every provider must be, held over the whole registry."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from modelhall.dialects.dialect import Dialect
from modelhall.domain.errors import BadRequest, KeyMissing
from modelhall.providers.prepare import target_of
from modelhall.providers.provider import Provider
from modelhall.providers.registry import ALIASES, provider_named, providers
from tests.replay import FOLDER

# Said here by name, so that one which is lost is missed; a new one need not be added.
NAMES = (
    "alibaba",
    "amazon-bedrock",
    "anthropic",
    "anthropic-compatible",
    "azure",
    "cerebras",
    "cohere",
    "deepinfra",
    "deepseek",
    "fireworks-ai",
    "github-models",
    "google",
    "google-vertex",
    "groq",
    "huggingface",
    "litellm",
    "llama-cpp",
    "lmstudio",
    "local",
    "minimax",
    "mistral",
    "moonshotai",
    "nebius",
    "nvidia",
    "ollama",
    "ollama-cloud",
    "openai",
    "openai-compatible",
    "openrouter",
    "perplexity",
    "sambanova",
    "togetherai",
    "vllm",
    "xai",
    "zai",
)
ALL = tuple(providers().values())
every_provider = pytest.mark.parametrize("provider", ALL, ids=lambda provider: provider.name)


def test_the_registry_holds_these_providers() -> None:
    assert set(NAMES) <= set(providers())


@every_provider
def test_names_are_slugs_and_titles_are_said(provider: Provider) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", provider.name)
    assert provider.title.strip()


@every_provider
def test_an_address_is_https_or_on_the_owners_machines(provider: Provider) -> None:
    if provider.origin is None:
        assert provider.base_url_hint or provider.supervised, "a person must learn what to write"
        return
    parts = urlsplit(provider.origin)
    assert (parts.path, parts.query, parts.username) == ("", "", None)
    assert parts.scheme == "https" or (provider.local and parts.hostname == "127.0.0.1")


@every_provider
def test_paths_begin_with_a_slash_and_do_not_end_with_one(provider: Provider) -> None:
    assert provider.speaks
    for dialect, prefix in provider.speaks.items():
        assert prefix == "" or re.fullmatch(r"(/[a-z0-9-]+)+", prefix)
        assert dialect.PATH.startswith("/")
    if provider.discovery:
        assert provider.discovery.path.startswith("/")


@every_provider
def test_what_it_speaks_can_be_called(provider: Provider) -> None:
    target = target_of(provider, base_url=None if provider.origin else "https://server.example", key="k" * 20)
    for dialect in provider.speaks:
        request = target.requests[dialect.NAME]
        assert request.url.startswith(provider.origin or "https://server.example")
        assert request.url.endswith(dialect.PATH)
        assert provider.auth == "none" or any("k" * 20 in value for _, value in request.headers)


@every_provider
def test_without_a_key_it_is_open_or_says_which_variable(provider: Provider) -> None:
    base_url = None if provider.origin else "https://server.example"
    if provider.key_optional:
        names = {name for name, _ in target_of(provider, base_url=base_url).requests[first(provider).NAME].headers}
        assert names.isdisjoint({"authorization", "x-api-key", "api-key", "x-goog-api-key"})
        return
    assert provider.key_env or provider.supervised
    with pytest.raises(KeyMissing) as caught:
        target_of(provider, base_url=base_url)
    assert all(name in caught.value.message for name in provider.key_env)


@every_provider
def test_it_has_pages_to_read(provider: Provider) -> None:
    links = provider.links
    assert links.docs
    assert links.keys or provider.key_optional or provider.supervised
    for link in (links.keys, links.docs, links.status, links.pricing):
        assert link == "" or link.startswith("https://")


@every_provider
def test_its_models_can_be_learned_somewhere(provider: Provider) -> None:
    assert provider.discovery or provider.models or provider.catalog


@every_provider
def test_a_privacy_fact_says_where_and_when_it_was_read(provider: Provider) -> None:
    for fact in provider.privacy:
        assert fact.says
        assert fact.address.startswith("https://")
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", fact.read_on)


@every_provider
def test_free_means_the_owners_machines(provider: Provider) -> None:
    assert not provider.free or provider.local
    assert not provider.free or provider.catalog is None


@every_provider
def test_own_usage_readers_are_for_dialects_that_it_speaks(provider: Provider) -> None:
    assert set(provider.reads_usage) <= set(provider.speaks)


@every_provider
def test_it_has_a_recording_of_every_shape_that_writes_text(provider: Provider) -> None:
    said = {
        path.read_text().partition("# dialect: ")[2].partition("\n")[0] for path in (FOLDER / provider.name).iterdir()
    }
    if provider.name == "local":
        return
    spoken = {dialect.NAME for dialect in provider.speaks}
    assert said - {""} <= spoken
    assert said & {"openai_chat", "anthropic_messages"} == spoken & {"openai_chat", "anthropic_messages"} or (
        provider.name in SPEAK_ANTHROPIC_LIKE_ANTHROPIC
    )


# Servers whose second shape is the same program's as another's with a recording.
SPEAK_ANTHROPIC_LIKE_ANTHROPIC = frozenset({"ollama-cloud", "vllm", "llama-cpp", "litellm"})


@pytest.mark.parametrize("names", ["key_env", "base_url_env", "hosts"])
def test_no_two_providers_claim_the_same(names: str) -> None:
    claimed = [name for provider in ALL for name in getattr(provider, names)]
    assert sorted(claimed) == sorted(set(claimed))


def test_other_names_lead_to_providers_and_hide_none() -> None:
    assert set(ALIASES.values()) <= set(providers())
    assert not set(ALIASES) & set(providers())
    assert provider_named("Gemini").name == "google"
    assert provider_named(" together ").name == "togetherai"
    assert provider_named("bedrock").name == "amazon-bedrock"


@pytest.mark.parametrize(
    ("slip", "meant"), [("opnai", "openai"), ("antropic", "anthropic"), ("olama", "ollama"), ("gemni", "google")]
)
def test_a_slip_of_the_pen_is_told_the_nearest_names(slip: str, meant: str) -> None:
    with pytest.raises(BadRequest, match=meant):
        provider_named(slip)


def test_what_nobody_knows_is_told_what_works_anyway() -> None:
    with pytest.raises(BadRequest, match="openai-compatible"):
        provider_named("zzzzzz")


def first(provider: Provider) -> Dialect:
    """The dialect that stands first."""
    return next(iter(provider.speaks))
