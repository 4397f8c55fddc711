"""The body of Anthropic's messages, which counting tokens shares."""

import msgspec

from modelhall.dialects.bodies import NULL, parsed, said
from modelhall.dialects.content import Content

MOST_PAGES = 600
"""Pages of one document that are read at most (Anthropic, PDF support, read 2026-11)."""


class _Message(msgspec.Struct):
    content: msgspec.Raw = NULL


class Request(msgspec.Struct):
    """The fields that the house must know."""

    messages: list[_Message]
    model: str | None = None
    stream: bool | None = None
    max_tokens: int | None = None
    tools: msgspec.Raw = NULL
    output_format: msgspec.Raw = NULL
    output_config: msgspec.Raw = NULL


class _Source(msgspec.Struct):
    type: str = ""
    data: str = ""


class _Block(msgspec.Struct):
    type: str = ""
    source: msgspec.Raw = NULL
    content: msgspec.Raw = NULL


READ = msgspec.json.Decoder(Request)
_READ_BLOCKS = msgspec.json.Decoder(list[_Block])
_READ_SOURCE = msgspec.json.Decoder(_Source)
_OPENING = ord("[")
_DEEPEST = 4


def content_of(asked: Request) -> Content:
    """What the messages hold besides text, and what the request needs."""
    content = Content()
    if said(asked.tools):
        content.needs.add("tools")
    if any(raw is not NULL and b"json_schema" in bytes(raw) for raw in (asked.output_format, asked.output_config)):
        content.needs.add("json_schema")
    for position, message in enumerate(asked.messages):
        _look_into(message.content, content, f"messages[{position}].content", 0)
    return content


def _look_into(raw: msgspec.Raw, content: Content, where: str, depth: int) -> None:
    """Takes the blocks of a list of content; results of tools hold lists of their own."""
    if memoryview(raw)[0] != _OPENING or depth > _DEEPEST:
        return
    for block in parsed(_READ_BLOCKS, raw, where):
        if block.type == "image":
            content.image(_payload(block.source))
        elif block.type == "document":
            _document(block.source, content, where, depth)
        elif block.content is not NULL:
            _look_into(block.content, content, where, depth + 1)


def _document(raw: msgspec.Raw, content: Content, where: str, depth: int) -> None:
    """A document is a file, plain text, or again a list of content."""
    source = parsed(_READ_SOURCE, raw, where) if raw is not NULL else _Source()
    if source.type == "text":
        return
    if source.type == "content":
        inner = parsed(_READ_INNER, raw, where)
        _look_into(inner.content, content, where, depth + 1)
        return
    content.document(len(source.data) if source.type == "base64" else 0, MOST_PAGES)


class _Inner(msgspec.Struct):
    content: msgspec.Raw = NULL


_READ_INNER = msgspec.json.Decoder(_Inner)


def _payload(raw: msgspec.Raw) -> int:
    if raw is NULL:
        return 0
    source = parsed(_READ_SOURCE, raw, "source")
    return len(source.data) if source.type == "base64" else 0
