"""OpenAI chat completions: what a request asks, what must change in it, what an answer used."""

import msgspec

from modelhall.dialects.bodies import NULL, highest, parsed, positive, said
from modelhall.dialects.content import Content, payload_of
from modelhall.dialects.dialect import Ask, Change, Reader, UsageReader
from modelhall.dialects.openai_errors import error_body, error_event
from modelhall.dialects.openai_rewrite import LIMIT, rewritten
from modelhall.dialects.openai_stream import OpenAIStreamReader
from modelhall.dialects.openai_usage import read_usage
from modelhall.dialects.whole import WholeReader

__all__ = ["NAME", "NEEDS_OUTPUT_LIMIT", "PATH", "error_body", "error_event", "read", "reader", "rewrite"]

NAME: str = "openai_chat"
PATH: str = "/chat/completions"
NEEDS_OUTPUT_LIMIT: bool = False

MOST_PAGES = 100
"""Pages of one document that a vendor reads at most (OpenAI, file inputs, read 2026-11)."""


class _Message(msgspec.Struct):
    content: msgspec.Raw = NULL


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _Request(msgspec.Struct):
    messages: list[_Message]
    model: str | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    n: int | None = None
    tools: msgspec.Raw = NULL
    functions: msgspec.Raw = NULL
    response_format: msgspec.Raw = NULL
    modalities: list[str] | None = None


class _Url(msgspec.Struct):
    url: str = ""


class _Data(msgspec.Struct):
    data: str = ""


class _FileData(msgspec.Struct):
    file_data: str = ""


class _Part(msgspec.Struct):
    type: str = ""
    image_url: _Url | str | None = None
    input_audio: _Data | None = None
    file: _FileData | None = None


_READ = msgspec.json.Decoder(_Request)
_READ_PARTS = msgspec.json.Decoder(list[_Part])


def read(body: bytes) -> Ask:
    """What the body asks. Raises BadRequest with the field at fault."""
    asked = parsed(_READ, body)
    content = _content(asked)
    if said(asked.tools) or said(asked.functions):
        content.needs.add("tools")
    if asked.response_format is not NULL and b"json_schema" in bytes(asked.response_format):
        content.needs.add("json_schema")
    if asked.modalities and "audio" in asked.modalities:
        content.needs.add("audio")
    stream = bool(asked.stream)
    return Ask(
        model=asked.model or None,
        stream=stream,
        wants_usage=not stream or bool(asked.stream_options and asked.stream_options.include_usage),
        output_limit=highest((asked.max_completion_tokens, asked.max_tokens)),
        choices=positive(asked.n, "n") or 1,
        needs=frozenset(content.needs),
        plain_bytes=len(body) - content.payload,
        images=content.images,
        pages=content.pages,
    )


def rewrite(body: bytes, change: Change) -> bytes:
    """The body with only what must change changed."""
    return rewritten(body, change, change.output_limit_name or LIMIT)


def reader(ask: Ask, reads_usage: UsageReader | None = None) -> Reader:
    """A reader for the answer to this request."""
    if ask.stream:
        return OpenAIStreamReader(reads_usage or read_usage, shows_usage=ask.wants_usage)
    return WholeReader(reads_usage or read_usage, "choices")


def _content(asked: _Request) -> Content:
    """Looks into the messages whose content is a list of parts; plain text needs no look."""
    content = Content()
    for position, message in enumerate(asked.messages):
        if memoryview(message.content)[0] != _OPENING:
            continue
        for part in parsed(_READ_PARTS, message.content, f"messages[{position}].content"):
            _take(part, content)
    return content


_OPENING = ord("[")


def _take(part: _Part, content: Content) -> None:
    if part.image_url is not None:
        content.image(payload_of(part.image_url if isinstance(part.image_url, str) else part.image_url.url))
    elif part.input_audio is not None:
        content.sound(len(part.input_audio.data))
    elif part.file is not None:
        content.document(payload_of(part.file.file_data), MOST_PAGES)
