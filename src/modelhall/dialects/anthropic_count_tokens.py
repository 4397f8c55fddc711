"""Anthropic token counting: the same question as a message, answered with a number and billed with nothing."""

from collections.abc import Mapping
from typing import Any

from modelhall.dialects.anthropic_errors import error_body, error_event
from modelhall.dialects.anthropic_request import READ, content_of
from modelhall.dialects.bodies import parsed
from modelhall.dialects.dialect import Ask, Change, Reader, UsageReader
from modelhall.dialects.splice import with_model
from modelhall.dialects.whole import WholeReader
from modelhall.domain.usage import Usage

__all__ = ["NAME", "NEEDS_OUTPUT_LIMIT", "PATH", "error_body", "error_event", "read", "reader", "rewrite"]

NAME: str = "anthropic_count_tokens"
PATH: str = "/messages/count_tokens"
NEEDS_OUTPUT_LIMIT: bool = False


def read(body: bytes) -> Ask:
    """What the body asks. Raises BadRequest with the field at fault."""
    asked = parsed(READ, body)
    content = content_of(asked)
    return Ask(
        model=asked.model or None,
        needs=frozenset(content.needs),
        plain_bytes=len(body) - content.payload,
        images=content.images,
        pages=content.pages,
        generates=False,
    )


def rewrite(body: bytes, change: Change) -> bytes:
    """The body with the model's name."""
    return with_model(body, change.model)


def reader(ask: Ask, reads_usage: UsageReader | None = None) -> Reader:
    """A reader for the answer to this request; counting is free of charge, so what it used is nothing."""
    del ask, reads_usage
    return WholeReader(_nothing, "input_tokens", whole_is_usage=True)


def _nothing(_: Mapping[str, Any]) -> Usage:
    return Usage(input=0, output=0)
