"""One call as its door sees it, whatever brought it: what was asked, and the way of the answer."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from typing import Protocol

from modelhall.domain.errors import BadRequest, ModelhallError, TooLarge, TooSlow, TwoKeys
from modelhall.gateway.call import Reply
from modelhall.gateway.desk import Bounds

Headers = list[tuple[bytes, bytes]]

COMMENT = b": keep-alive\n\n"
"""What fills a silence in a stream. Chunks are whole events, so none is broken by it."""
_KEY_HEADERS = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})


class ClientGone(Exception):
    """The client has closed its connection; nobody is left to answer."""


class Exchange(Protocol):
    """A request and the way of its answer. The task that serves it owns it, and is cancelled when the client goes."""

    @property
    def gone(self) -> bool:
        """Whether the client has gone: then, and only then, the cancellation of the task is its doing."""
        ...

    def key(self) -> str | None:
        """The key that the request carries. Raises TwoKeys, BadRequest."""
        ...

    def handed_on(self, names: Collection[bytes]) -> Mapping[str, str]:
        """Its headers of these names."""
        ...

    async def body(self, bounds: Bounds) -> bytes:
        """The whole body; called once. Raises TooLarge, TooSlow, ClientGone."""
        ...

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole answer."""
        ...

    async def stream(self, reply: Reply, rest: AsyncIterator[bytes], headers: Headers, silence_s: float) -> None:
        """An answer in chunks: its opening and its rest, each sent at once; a comment fills each silence that long."""
        ...

    def end(self) -> None:
        """Nothing matters any more."""
        ...


def presented_key(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key that a request carries, in whichever header.

    Raises TwoKeys when two differ, BadRequest when it is not text.
    """
    found: bytes | None = None
    for name, value in headers:
        if name not in _KEY_HEADERS:
            continue
        if name == b"authorization":
            scheme, _, value = value.partition(b" ")
            if scheme.lower() != b"bearer":
                continue
        value = value.strip()
        if value and found is not None and value != found:
            raise TwoKeys("the request carries two different keys; send one")
        found = value or found
    try:
        return None if found is None else found.decode("ascii")
    except UnicodeDecodeError:
        raise BadRequest("the key has characters that no key has") from None


def headers_named(headers: Iterable[tuple[bytes, bytes]], names: Collection[bytes]) -> dict[str, str]:
    """The headers of these names, as text."""
    return {name.decode(): value.decode("latin-1") for name, value in headers if name in names}


def too_large(bounds: Bounds) -> TooLarge:
    """The refusal of a body that is larger than allowed."""
    return TooLarge(f"the request's body is larger than {bounds.body_bytes:,} bytes")


def too_slow() -> TooSlow:
    """The refusal of a body that takes longer than allowed."""
    return TooSlow("the request's body did not arrive in time")


def error_headers(error: ModelhallError) -> Headers:
    """What tells a client's retry logic how to take an error."""
    headers: Headers = [(b"content-type", b"application/json")]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    if not error.retryable:
        headers.append((b"x-should-retry", b"false"))
    if isinstance(error, TooSlow):
        headers.append((b"connection", b"close"))  # or the rest of the body would keep it open as slowly
    return headers
