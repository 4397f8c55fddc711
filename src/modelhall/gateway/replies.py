"""Reads a provider's reply as RFC 9112 frames it. What could be read in two ways is refused, never repaired."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

import httptools

from modelhall.domain.errors import ProviderBroke

MOST_HEAD = 32 * 1024
MOST_DRY = 64 * 1024
"""Bytes in a row that add nothing to a chunked body: extensions, trailers."""

_HEAD = re.compile(
    rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n"
)
_LENGTH = re.compile(r"[0-9]{1,18}")
_BARE = re.compile(rb"(?<!\r)\n")
_CHUNKED = b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"


class Body(Protocol):
    """Takes a body out of its framing."""

    @property
    def over(self) -> bool:
        """Whether the body is whole."""
        ...

    @property
    def surplus(self) -> bool:
        """Whether more came than belongs to it."""
        ...

    def feed(self, data: bytes) -> None:
        """Takes what has arrived. Raises ProviderBroke when it cannot be what was announced."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """A reply's status line and headers."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; the values of a name that comes more than once are joined by a comma."""
    length: int | None
    """Bytes of the body; `None`: chunked, or all until the connection ends."""
    chunked: bool
    keeps: bool
    """Whether the connection may be used again."""

    def body(self, pieces: list[bytes]) -> Body:
        """What reads the body that follows, and puts it into `pieces`."""
        if self.length is not None:
            return Measured(self.length, pieces)
        return Chunked(pieces) if self.chunked else Endless(pieces)


def head_end(data: bytes | bytearray, seen: int) -> int:
    """Where the head ends, `seen` bytes of which were searched before; -1: not yet. Raises ProviderBroke."""
    end = data.find(b"\r\n\r\n", max(seen - 3, 0), MOST_HEAD)
    if end >= 0:
        return end + 4
    if not b"HTTP/1.".startswith(data[:7]) or _BARE.search(data, max(seen - 1, 0)) or len(data) >= MOST_HEAD:
        raise ProviderBroke("the provider's answer is no HTTP")
    return -1


def read_head(block: bytes) -> Head:
    """A head, up to and with its empty line. Raises ProviderBroke."""
    return _small_head(block) if len(block) <= 1024 else _read_head(block)


def _read_head(block: bytes) -> Head:
    found = _HEAD.fullmatch(block)
    if found is None:
        raise ProviderBroke("the provider's answer is no HTTP")
    minor, status, fields = found[1], int(found[2]), found[3].decode("latin-1")
    headers: dict[str, str] = {}
    for line in fields.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    chunked = _is_chunked(headers, minor)
    length = 0 if status in {204, 304} or status < 200 else _length(headers)
    closes = "close" in {token.strip() for token in headers.get("connection", "").lower().split(",")}
    keeps = minor == b"1" and not closes and (chunked or length is not None)
    return Head(status, MappingProxyType(headers), length, chunked and length is None, keeps)


_small_head = lru_cache(256)(_read_head)  # small servers send the same head again and again


def _is_chunked(headers: Mapping[str, str], minor: bytes) -> bool:
    coding = headers.get("transfer-encoding")
    if coding is None:
        return False
    if coding.lower() != "chunked" or "content-length" in headers or minor == b"0":
        raise ProviderBroke("the provider's answer is framed in a way that cannot be relied on")
    return True


def _length(headers: Mapping[str, str]) -> int | None:
    told = headers.get("content-length")
    if told is None:
        return None
    (length, *others) = {each.strip(" \t") for each in told.split(",")}
    if others or not _LENGTH.fullmatch(length):
        raise ProviderBroke("the provider's answer does not say how long it is")
    return int(length)


class Measured:
    """A body whose length is known."""

    __slots__ = ("_left", "_pieces", "over", "surplus")

    def __init__(self, length: int, pieces: list[bytes]) -> None:
        self._left = length
        self._pieces = pieces
        self.over = False
        self.surplus = False

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        left = self._left - len(data)
        if left < 0:
            data, self.surplus, left = data[: self._left], True, 0
        if data:
            self._pieces.append(data)
        self._left = left
        self.over = left == 0


class Chunked:
    """A body in chunks. llhttp reads them: seven times as quick as a loop here, and as strict."""

    __slots__ = ("_dry", "_parser", "_pieces", "_sink", "surplus")

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._sink = _Sink(pieces)
        self._parser = httptools.HttpResponseParser(self._sink)
        self._parser.feed_data(_CHUNKED)
        self._dry = 0
        self.surplus = False

    @property
    def over(self) -> bool:
        """The last chunk and the trailers are there."""
        return self._sink.over

    def feed(self, data: bytes) -> None:
        """Takes what has arrived. Raises ProviderBroke for what is no chunk, and for chunks of nothing but words."""
        before = len(self._pieces)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self._sink.over:
                raise ProviderBroke("the provider's answer is not in the chunks that it promised") from error
            self.surplus = True
        self._dry = 0 if len(self._pieces) > before else self._dry + len(data)
        if self._dry > MOST_DRY:
            raise ProviderBroke("the provider's answer holds more framing than anything else")


class _Sink:
    """What the parser calls: apart from what holds the parser, so that both go when the reply does."""

    __slots__ = ("on_body", "over")

    def __init__(self, pieces: list[bytes]) -> None:
        self.on_body = pieces.append
        self.over = False

    def on_message_complete(self) -> None:
        """The body is whole."""
        self.over = True


class Endless:
    """A body that ends when the connection does."""

    __slots__ = ("_pieces", "over", "surplus")

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.over = False
        self.surplus = False

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        if data:
            self._pieces.append(data)
