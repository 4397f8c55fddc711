"""OpenAI completions (the older text-in, text-out form): what a request asks, what must change, what an answer used."""

from typing import Any, cast

import msgspec

from modelhall.dialects.bodies import highest, parsed, positive
from modelhall.dialects.dialect import Ask, Change, Reader, UsageReader
from modelhall.dialects.openai_errors import error_body, error_event
from modelhall.dialects.openai_rewrite import rewritten
from modelhall.dialects.openai_stream import OpenAIStreamReader
from modelhall.dialects.openai_usage import read_usage
from modelhall.dialects.whole import WholeReader

__all__ = ["NAME", "NEEDS_OUTPUT_LIMIT", "PATH", "error_body", "error_event", "read", "reader", "rewrite"]

NAME: str = "openai_completions"
PATH: str = "/completions"
NEEDS_OUTPUT_LIMIT: bool = False


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _Request(msgspec.Struct):
    model: str | None = None
    prompt: Any = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    best_of: int | None = None


_READ = msgspec.json.Decoder(_Request)


def read(body: bytes) -> Ask:
    """What the body asks. Raises BadRequest with the field at fault."""
    asked = parsed(_READ, body)
    stream = bool(asked.stream)
    each = max(positive(asked.n, "n") or 1, positive(asked.best_of, "best_of") or 1)
    return Ask(
        model=asked.model or None,
        stream=stream,
        wants_usage=not stream or bool(asked.stream_options and asked.stream_options.include_usage),
        output_limit=highest((asked.max_tokens, asked.max_completion_tokens)),
        choices=each * _prompts(asked.prompt),
        plain_bytes=len(body),
    )


def rewrite(body: bytes, change: Change) -> bytes:
    """The body with only what must change changed; the limit has one name here, whatever it is for chat."""
    return rewritten(body, change)


def reader(ask: Ask, reads_usage: UsageReader | None = None) -> Reader:
    """A reader for the answer to this request."""
    if ask.stream:
        return OpenAIStreamReader(reads_usage or read_usage, shows_usage=ask.wants_usage)
    return WholeReader(reads_usage or read_usage, "choices")


def _prompts(prompt: object) -> int:
    """How many texts are to be completed: a list of numbers is one text in tokens."""
    if not isinstance(prompt, list):
        return 1
    texts = cast("list[object]", prompt)
    return 1 if not texts or isinstance(texts[0], int) else len(texts)
