"""A custom base URL is known by its host, whole label by whole label."""

import pytest

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.hosts import Hosts
from modelhall.catalog.load import load


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("api.openai.com", "openai"),
        ("API.OpenAI.com:443", "openai"),
        ("api.anthropic.com.", "anthropic"),
        ("acme.openai.azure.com", "azure"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "amazon-bedrock"),
        ("europe-west4-aiplatform.googleapis.com", "google-vertex"),
        ("dashscope-intl.aliyuncs.com", "alibaba"),
        ("openrouter.ai", "openrouter"),
    ],
)
def test_a_known_host_has_its_provider(catalog: Catalog, host: str, provider: str) -> None:
    assert catalog.provider_of_host(host) == provider


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "127.0.0.1",
        "openai.com",
        "api.openai.com.evil.example",
        "xapi.openai.com",
        "a.b.openai.azure.com",
        ".openai.azure.com",
    ],
)
def test_a_host_that_only_looks_known_has_none(catalog: Catalog, host: str) -> None:
    assert catalog.provider_of_host(host) is None


def test_hosts_handed_in_count_before_those_in_the_file() -> None:
    assert load({"api.openai.com": "mine", "*.llm.example": "groq"}).provider_of_host("api.openai.com") == "mine"
    assert load({"*.llm.example": "groq"}).provider_of_host("eu.llm.example") == "groq"


def test_a_dot_in_a_pattern_is_a_dot() -> None:
    assert Hosts({"*.a.example": "x"}).provider("b.axexample") is None
