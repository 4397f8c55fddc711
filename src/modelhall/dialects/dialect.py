"""What every dialect offers; each dialect is a module that has these functions."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from modelhall.domain.errors import ModelhallError
from modelhall.domain.usage import Usage

UsageReader = Callable[[Mapping[str, Any]], Usage]
"""From a vendor's own usage object to classes that do not overlap. Raises ImpossibleUsage."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the house must know of a request body; everything else in the body is the caller's and opaque."""

    model: str | None
    stream: bool = False
    wants_usage: bool = True
    """Whether the caller itself will see usage; False only for a stream that did not ask for it."""
    output_limit: int | None = None
    """The caller's limit of output tokens for one choice."""
    choices: int = 1
    needs: frozenset[str] = frozenset()
    """Capabilities without which the answer would be wrong: `vision`, `tools`, `json_schema`, `audio`, `documents`."""
    plain_bytes: int = 0
    """Size of the body without base64 payloads: an upper bound of its text tokens."""
    images: int = 0
    pages: int = 0
    """Upper bound of document pages (unknown documents count as the most a vendor takes)."""
    generates: bool = True
    """False where no output tokens are made (embeddings, token counting)."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """What the house changes in a body; every other byte stays as the caller wrote it."""

    model: str
    """The provider's own name of the model."""
    usage_option: bool = False
    """Ask for usage in the stream on the caller's behalf."""
    output_limit: int | None = None
    """A limit of output tokens to set where the caller set none, or the dialect requires one."""
    output_limit_name: str | None = None
    """The field that carries it where the model wants another one than the dialect's usual."""


class Reader(Protocol):
    """Reads one answer as it passes, streamed or whole."""

    usage: Usage | None
    vendor_usage: bytes | None
    """The vendor's own usage object as JSON, at most 2 kB; `None` when not told."""
    flaw: str | None
    """Why told usage was not believed (`impossible_usage`)."""
    began: bool
    """Whether the first content has been seen."""
    finished: bool
    """Whether the dialect's own end was seen; a stream that ends without it was cut."""
    pieces: int
    """Content events so far: what a cut stream's output is estimated from."""
    failed: bytes | None
    """The data of an error event that the provider sent in the stream; such a stream has not finished."""

    def feed(self, data: bytes) -> bytes:
        """Takes what arrived and gives what may go out: whole events only, without what the caller did not ask for."""
        ...

    def end(self) -> bytes:
        """Called when the provider closed in peace: gives what is left to go out and settles `finished`."""
        ...


class Dialect(Protocol):
    """A wire format. `NAME` is its name in the house, `PATH` its path below a provider's prefix."""

    NAME: str
    PATH: str
    NEEDS_OUTPUT_LIMIT: bool
    """Whether a request without a limit of output tokens is refused by those who speak it."""

    def read(self, body: bytes) -> Ask:
        """What the body asks. Raises BadRequest with the place of the fault."""
        ...

    def rewrite(self, body: bytes, change: Change) -> bytes:
        """The body with only what must change changed, by splicing bytes."""
        ...

    def reader(self, ask: Ask, reads_usage: UsageReader | None = None) -> Reader:
        """A reader for the answer to this request; `reads_usage` replaces the dialect's own usage reader."""
        ...

    def error_body(self, error: ModelhallError, request_id: str) -> bytes:
        """The error as this dialect's clients expect it in a JSON body."""
        ...

    def error_event(self, error: ModelhallError, request_id: str) -> bytes:
        """The error as this dialect's clients expect it in the middle of a stream; never looks like an end in peace."""
        ...
