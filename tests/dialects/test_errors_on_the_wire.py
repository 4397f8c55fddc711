"""Errors go out in the caller's own shape, each with the type and code by which its clients decide."""

from __future__ import annotations

import json

import pytest

from modelhall.dialects import (
    anthropic_count_tokens,
    anthropic_messages,
    openai_chat,
    openai_completions,
    openai_embeddings,
)
from modelhall.dialects.dialect import Dialect
from modelhall.domain import errors
from modelhall.domain.errors import ModelhallError

OPENAI: tuple[Dialect, ...] = (openai_chat, openai_completions, openai_embeddings)
ANTHROPIC: tuple[Dialect, ...] = (anthropic_messages, anthropic_count_tokens)
EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ModelhallError)]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("dialect", OPENAI, ids=lambda dialect: dialect.NAME)
def test_every_error_has_openais_shape(kind: type[ModelhallError], dialect: Dialect) -> None:
    body = json.loads(dialect.error_body(kind("what to do"), "req_1"))
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert (body["error"]["message"], body["error"]["code"]) == ("what to do", kind.code)
    assert (body["error"]["type"] == "server_error") is (kind.status >= 500)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("dialect", ANTHROPIC, ids=lambda dialect: dialect.NAME)
def test_every_error_has_anthropics_shape(kind: type[ModelhallError], dialect: Dialect) -> None:
    body = json.loads(dialect.error_body(kind("what to do"), "req_1"))
    assert (body["type"], body["request_id"], body["error"]["message"]) == ("error", "req_1", "what to do")
    assert set(body["error"]) == {"type", "message"}
    ours = {"api_error", "overloaded_error", "timeout_error"}
    assert (body["error"]["type"] in ours) is (kind.status >= 500 or kind.status == 408)


@pytest.mark.parametrize(
    ("kind", "openai", "anthropic"),
    [
        (errors.BadRequest, "invalid_request_error", "invalid_request_error"),
        (errors.UnknownKey, "authentication_error", "authentication_error"),
        (errors.BudgetExceeded, "insufficient_quota", "billing_error"),
        (errors.ModelInactive, "permission_error", "permission_error"),
        (errors.UnknownModel, "not_found_error", "not_found_error"),
        (errors.TooLarge, "invalid_request_error", "request_too_large"),
        (errors.TooMany, "rate_limit_error", "rate_limit_error"),
        (errors.ProviderBusy, "rate_limit_error", "rate_limit_error"),
        (errors.ProviderRefused, "invalid_request_error", "invalid_request_error"),
        (errors.ProviderUnreachable, "server_error", "api_error"),
        (errors.DatabaseUnavailable, "server_error", "api_error"),
        (errors.Overloaded, "server_error", "overloaded_error"),
        (errors.DeadlineExceeded, "server_error", "timeout_error"),
    ],
)
def test_each_status_has_its_type(kind: type[ModelhallError], openai: str, anthropic: str) -> None:
    assert json.loads(openai_chat.error_body(kind("x"), "r"))["error"]["type"] == openai
    assert json.loads(anthropic_messages.error_body(kind("x"), "r"))["error"]["type"] == anthropic


def test_an_error_in_a_stream_never_looks_like_an_end_in_peace() -> None:
    error = errors.ProviderCut('cut\n\ndata: [DONE]\n\nevent: message_stop\n"finish_reason":"stop"')
    for dialect in (*OPENAI, *ANTHROPIC):
        event = dialect.error_event(error, "r")
        assert event.endswith(b"\n\n")
        assert event.count(b"\n\n") == 1
        lines = event.split(b"\n")
        assert b"data: [DONE]" not in lines
        assert b"event: message_stop" not in lines
    assert openai_chat.error_event(error, "r").startswith(b'data: {"error":')
    assert anthropic_messages.error_event(error, "r").startswith(b"event: error\ndata: ")
