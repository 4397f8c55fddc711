"""OpenAI embeddings: what a request asks, what must change in it, what an answer used."""

import msgspec

from modelhall.dialects.bodies import NULL, parsed
from modelhall.dialects.dialect import Ask, Change, Reader, UsageReader
from modelhall.dialects.openai_errors import error_body, error_event
from modelhall.dialects.openai_usage import read_usage
from modelhall.dialects.splice import with_model
from modelhall.dialects.whole import WholeReader

__all__ = ["NAME", "NEEDS_OUTPUT_LIMIT", "PATH", "error_body", "error_event", "read", "reader", "rewrite"]

NAME: str = "openai_embeddings"
PATH: str = "/embeddings"
NEEDS_OUTPUT_LIMIT: bool = False


class _Request(msgspec.Struct):
    model: str | None = None
    input: msgspec.Raw = NULL


_READ = msgspec.json.Decoder(_Request)


def read(body: bytes) -> Ask:
    """What the body asks. Raises BadRequest with the field at fault."""
    asked = parsed(_READ, body)
    return Ask(model=asked.model or None, plain_bytes=len(body), generates=False)


def rewrite(body: bytes, change: Change) -> bytes:
    """The body with the model's name; embeddings know neither streams nor output limits."""
    return with_model(body, change.model)


def reader(ask: Ask, reads_usage: UsageReader | None = None) -> Reader:
    """A reader for the answer to this request."""
    del ask
    return WholeReader(reads_usage or read_usage, "data")
