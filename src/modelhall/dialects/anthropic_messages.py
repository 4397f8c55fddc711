"""Anthropic messages: what a request asks, what must change in it, what an answer used."""

import msgspec

from modelhall.dialects.anthropic_errors import error_body, error_event
from modelhall.dialects.anthropic_request import READ, content_of
from modelhall.dialects.anthropic_stream import AnthropicStreamReader
from modelhall.dialects.anthropic_usage import read_usage
from modelhall.dialects.bodies import highest, parsed
from modelhall.dialects.dialect import Ask, Change, Reader, UsageReader
from modelhall.dialects.splice import with_member, with_model
from modelhall.dialects.whole import WholeReader

__all__ = ["NAME", "NEEDS_OUTPUT_LIMIT", "PATH", "error_body", "error_event", "read", "reader", "rewrite"]

NAME: str = "anthropic_messages"
PATH: str = "/messages"
NEEDS_OUTPUT_LIMIT: bool = True
"""The dialect requires `max_tokens`: whoever sends a request without one must set `Change.output_limit`."""


def read(body: bytes) -> Ask:
    """What the body asks. Raises BadRequest with the field at fault."""
    asked = parsed(READ, body)
    content = content_of(asked)
    return Ask(
        model=asked.model or None,
        stream=bool(asked.stream),
        output_limit=highest((asked.max_tokens,)),
        needs=frozenset(content.needs),
        plain_bytes=len(body) - content.payload,
        images=content.images,
        pages=content.pages,
    )


def rewrite(body: bytes, change: Change) -> bytes:
    """The body with only what must change changed; usage is always in Anthropic's answers."""
    if change.output_limit is not None:
        body = with_member(body, "max_tokens", msgspec.json.encode(change.output_limit))
    return with_model(body, change.model)


def reader(ask: Ask, reads_usage: UsageReader | None = None) -> Reader:
    """A reader for the answer to this request."""
    if ask.stream:
        return AnthropicStreamReader(reads_usage or read_usage)
    return WholeReader(reads_usage or read_usage, "content")
