"""Requests are made ready once: address, key and headers, and nothing of the caller's that does not belong."""

from __future__ import annotations

import pytest

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.domain.errors import BadRequest, DialectNotSpoken
from modelhall.providers.prepare import checked_header, discovery_request, request_for, target_of
from modelhall.providers.registry import provider_named


@pytest.mark.parametrize(
    ("provider", "base_url", "header"),
    [
        ("openai", None, ("authorization", "Bearer key-1")),
        ("anthropic", None, ("x-api-key", "key-1")),
        ("azure", "https://r.openai.azure.com", ("api-key", "key-1")),
    ],
)
def test_the_key_goes_where_the_vendor_wants_it(provider: str, base_url: str | None, header: tuple[str, str]) -> None:
    target = target_of(provider_named(provider), base_url=base_url, key="key-1")
    assert all(header in request.headers for request in target.requests.values())


def test_organisation_project_and_own_headers_are_sent() -> None:
    target = target_of(
        provider_named("openai"), key="k", organisation="org-1", project="proj-1", extra_headers=[("X-Team", "blue")]
    )
    headers = dict(target.requests["openai_chat"].headers)
    assert headers["openai-organization"] == "org-1"
    assert headers["openai-project"] == "proj-1"
    assert headers["x-team"] == "blue"
    assert headers["content-type"] == "application/json"


def test_only_the_callers_headers_that_the_vendor_knows_are_passed() -> None:
    target = target_of(provider_named("anthropic"), key="k")
    caller = {"anthropic-beta": "x-1", "anthropic-version": "2024-01-01", "cookie": "c", "authorization": "Bearer mh_x"}
    headers = dict(request_for(target, anthropic_messages, caller).headers)
    assert (headers["anthropic-beta"], headers["anthropic-version"]) == ("x-1", "2024-01-01")
    assert headers["x-api-key"] == "k"
    assert headers.keys().isdisjoint({"cookie", "authorization"})


def test_without_such_headers_the_request_is_the_prepared_one() -> None:
    target = target_of(provider_named("openai"), key="k")
    assert request_for(target, openai_chat, {"x-other": "1"}) is target.requests["openai_chat"]


def test_a_shape_that_the_vendor_does_not_speak_is_refused() -> None:
    target = target_of(provider_named("groq"), key="k")
    with pytest.raises(DialectNotSpoken, match="Groq does not speak anthropic_messages"):
        request_for(target, anthropic_messages, {})


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "connection", "Cookie", "te"])
def test_headers_of_the_connection_are_nobodys_to_set(name: str) -> None:
    with pytest.raises(BadRequest, match="set by Modelhall itself"):
        checked_header(name, "x")


@pytest.mark.parametrize(
    ("name", "value"), [("x y", "1"), ("x:", "1"), ("", "1"), ("x", "a\r\nhost: evil"), ("x", "\0")]
)
def test_headers_cannot_smuggle_others(name: str, value: str) -> None:
    with pytest.raises(BadRequest):
        checked_header(name, value)


@pytest.mark.parametrize("key", ["", "se cret", "secret\r\nx: y", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(BadRequest) as caught:
        target_of(provider_named("openai"), key=key)
    assert not key or key not in caught.value.message


def test_keys_do_not_show_in_what_is_printed() -> None:
    target = target_of(provider_named("openai"), key="very-secret")
    assert "very-secret" not in repr(target)
    assert "very-secret" not in repr(target.requests["openai_chat"])


def test_the_list_of_models_is_asked_for_with_the_same_key() -> None:
    target = target_of(provider_named("anthropic"), base_url="https://h.example", key="k")
    request = discovery_request(target, "https://h.example")
    assert request is not None
    assert request.url == "https://h.example/v1/models?limit=1000"
    assert ("x-api-key", "k") in request.headers
    assert discovery_request(target_of(provider_named("azure"), base_url="https://r.example", key="k"), None) is None
