"""Where calls go: the vendor's own address, a person's base URL, or what the environment says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.domain.errors import BadRequest
from modelhall.providers.addresses import base_url_in, key_name_in, parsed_base_url, url_of
from modelhall.providers.registry import provider_named
from modelhall.providers.vendors.ollama import host_address

CHAT, MESSAGES = "/chat/completions", "/messages"


@pytest.mark.parametrize(
    ("provider", "base_url", "path", "expected"),
    [
        ("openai", None, "/v1" + CHAT, "https://api.openai.com/v1/chat/completions"),
        ("openai-compatible", "http://localhost:8080/v1", "/v1" + CHAT, "http://localhost:8080/v1/chat/completions"),
        ("openai-compatible", "http://localhost:8080", "/v1" + CHAT, "http://localhost:8080/v1/chat/completions"),
        ("openai-compatible", "https://h.example/v1/openai/", "/v1" + CHAT, "https://h.example/v1/openai/chat/completions"),
        ("openai-compatible", "https://h.example/v1/openai", "/v1/models", "https://h.example/v1/openai/models"),
        ("groq", "https://proxy.example/groq", "/openai/v1" + CHAT, "https://proxy.example/groq/chat/completions"),
        ("anthropic", "https://h.example/anthropic", "/v1" + MESSAGES, "https://h.example/anthropic/v1/messages"),
        ("anthropic", "https://h.example/anthropic/v1", "/v1" + MESSAGES, "https://h.example/anthropic/v1/messages"),
        ("deepseek", None, "/anthropic/v1" + MESSAGES, "https://api.deepseek.com/anthropic/v1/messages"),
        ("moonshotai", "https://api.moonshot.cn/v1", "/anthropic/v1" + MESSAGES, "https://api.moonshot.cn/anthropic/v1/messages"),
        ("azure", "https://r.openai.azure.com/", "/openai/v1" + CHAT, "https://r.openai.azure.com/openai/v1/chat/completions"),
        ("azure", "https://r.openai.azure.com/openai/v1/", "/openai/v1" + CHAT, "https://r.openai.azure.com/openai/v1/chat/completions"),
        ("ollama", "http://box:11434/v1", "/api/tags", "http://box:11434/api/tags"),
        ("ollama", "http://box:11434/ollama", "/v1" + CHAT, "http://box:11434/ollama/v1/chat/completions"),
        ("google-vertex", "https://l-aiplatform.googleapis.com/v1/projects/p/locations/l/endpoints/openapi", CHAT, "https://l-aiplatform.googleapis.com/v1/projects/p/locations/l/endpoints/openapi/chat/completions"),
        ("openai-compatible", "http://[::1]:8080/v1", "/v1" + CHAT, "http://[::1]:8080/v1/chat/completions"),
    ],
)  # fmt: skip
def test_a_base_url_is_understood_as_its_clients_write_it(
    provider: str, base_url: str | None, path: str, expected: str
) -> None:
    assert url_of(provider_named(provider), base_url, path) == expected


def test_a_provider_without_an_address_says_what_to_write() -> None:
    with pytest.raises(BadRequest, match=r"https://RESOURCE\.openai\.azure\.com"):
        url_of(provider_named("azure"), None, "/openai/v1/models")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("example.com/v1", "must start with"),
        ("ftp://example.com", "must start with"),
        ("https://", "no host"),
        ("https://user:pass@example.com/v1", "name or password"),
        ("https://example.com/v1?key=1", "after \\? or #"),
        ("https://example.com/v1#x", "after \\? or #"),
        ("https://exa mple.com", "blank"),
        ("https://example.com\\@evil.example", "backslash"),
        ("https://example.com:notaport", "cannot be read"),
        ("https://example.com/\n", None),
        ("https://exam\tple.com", "control"),
    ],
)
def test_what_is_no_base_url_is_refused_with_a_reason(text: str, why: str | None) -> None:
    if why is None:
        assert parsed_base_url(text).origin == "https://example.com"
        return
    with pytest.raises(BadRequest, match=why):
        parsed_base_url(text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_of_base_urls(text: str) -> None:
    try:
        base = parsed_base_url(text)
    except BadRequest:
        return
    assert base.origin.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", None),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("box", "http://box:11434"),
        ("box:1234", "http://box:1234"),
        (":1234", "http://127.0.0.1:1234"),
        ("http://box", "http://box:80"),
        ("https://box", "https://box:443"),
        ("https://box:8443/ollama/", "https://box:8443/ollama"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("[::]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        (' "10.0.0.5" ', "http://10.0.0.5:11434"),
        ("box:99999", "http://box:11434"),
    ],
)
def test_ollamas_variable_is_read_as_ollama_reads_it(host: str, address: str | None) -> None:
    assert host_address(host) == address
    assert base_url_in(provider_named("ollama"), {"OLLAMA_HOST": host}) == address


@pytest.mark.parametrize(
    ("provider", "environment", "base_url"),
    [
        ("openai", {"OPENAI_BASE_URL": " https://h.example/v1 "}, "https://h.example/v1"),
        ("openai", {}, None),
        ("azure", {"AZURE_RESOURCE_NAME": "r"}, "https://r.openai.azure.com"),
        ("azure", {"AZURE_RESOURCE_NAME": "r", "AZURE_OPENAI_ENDPOINT": "https://x.example"}, "https://x.example"),
        ("amazon-bedrock", {"AWS_REGION": "eu-central-1"}, "https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1"),
        ("amazon-bedrock", {}, None),
        ("google-vertex", {"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "global"}, "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi"),
        ("google-vertex", {"GOOGLE_VERTEX_PROJECT": "p"}, None),
    ],
)  # fmt: skip
def test_the_environment_tells_addresses(provider: str, environment: dict[str, str], base_url: str | None) -> None:
    assert base_url_in(provider_named(provider), environment) == base_url


def test_the_environment_tells_where_the_key_is() -> None:
    google = provider_named("google")
    assert key_name_in(google, {"GOOGLE_API_KEY": "b", "GEMINI_API_KEY": "a"}) == "GEMINI_API_KEY"
    assert key_name_in(google, {"GOOGLE_API_KEY": "b", "GEMINI_API_KEY": " "}) == "GOOGLE_API_KEY"
    assert key_name_in(google, {}) is None
