"""Reads the head of a perfectly plain call at a glance; whatever is not one is left to the careful parser."""

import re
from collections.abc import Collection, Mapping
from typing import Self

from modelhall.gateway.doors.exchange import headers_named, presented_key
from modelhall.gateway.doors.form import HOST, Limits

_HEAD = re.compile(
    rb"POST (/[a-z0-9/_]{1,64})(?:\?[\w.~=&-]{0,200})? HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]++: ?[!-~][ -~]*+(?<! )\r\n)++)\r\n"
)
"""One path without escapes; headers with a name, a colon, at most one space, and a value of printable ASCII."""
_LENGTH = re.compile(rb"0|[1-9][0-9]{0,8}")
_NOT_PLAIN = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"proxy-connection", b"origin"})
"""They change how a request is framed or answered. The last is for pages of other origins, which `cors.py` answers."""
_ONCE = (b"host", b"content-length", b"connection")
_MOST_KEPT = 4096
"""Bytes of a head that are kept for the next look, for each connection."""


class PlainHead:
    """The head of a plain call. A client on a kept connection sends it again and again; only the body's length differs.

    So it is compared with what came before instead of being read again: that costs a twentieth (measured 2026-11).
    """

    __slots__ = ("_after", "_before", "_handed_on", "_headers", "_key", "length", "path", "size")

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]], before: bytes, after: bytes) -> None:
        self.path = path
        self.length = 0
        """Of the body, in bytes."""
        self.size = 0
        """Of the head, in bytes, with the empty line at its end."""
        self._headers = headers
        self._before = before
        """What stands before the digits of the body's length."""
        self._after = after
        self._key: tuple[str | None] | None = None
        self._handed_on: Mapping[str, str] | None = None

    @classmethod
    def read(cls, data: bytes, limits: Limits) -> Self | None:
        """The head at the beginning of the data; `None` when it is not all there, or not perfectly plain."""
        found = _HEAD.match(data, 0, limits.head_bytes)
        if found is None:
            return None
        lines = [line.partition(b":") for line in found[2].split(b"\r\n")[:-1]]
        headers = [(name.lower(), value.lstrip(b" ")) for name, _, value in lines]
        length = _length_of(headers, limits)
        if length is None:
            return None
        at = found[0].lower().index(b"\r\ncontent-length:") + len(b"\r\ncontent-length:")
        at = data.index(length, at)
        head = cls(found[1].decode(), headers, data[:at], data[at + len(length) : found.end()])
        head.length, head.size = int(length), found.end()
        return head

    @property
    def kept(self) -> bool:
        """Whether it is small enough to be kept for the next look."""
        return self.size <= _MOST_KEPT

    def again(self, data: bytes) -> bool:
        """Whether the data begins with the same head; `length` and `size` are then those of this one."""
        if not data.startswith(self._before):
            return False
        start = len(self._before)
        end = data.find(b"\r", start, start + 10)
        digits = data[start:end]
        if end < 0 or not data.startswith(self._after, end) or not _LENGTH.fullmatch(digits):
            return False
        self.length, self.size = int(digits), end + len(self._after)
        return True

    def key(self) -> str | None:
        """The key that the request carries. Raises TwoKeys, BadRequest."""
        if self._key is None:
            self._key = (presented_key(self._headers),)
        return self._key[0]

    def handed_on(self, names: Collection[bytes]) -> Mapping[str, str]:
        """Its headers of these names; they are the same at every call."""
        if self._handed_on is None:
            self._handed_on = headers_named(self._headers, names)
        return self._handed_on


def _length_of(headers: list[tuple[bytes, bytes]], limits: Limits) -> bytes | None:
    """The digits of the body's length; `None` when there is anything that the careful parser should see."""
    values = dict(headers)
    host, length, connection = values.get(b"host"), values.get(b"content-length"), values.get(b"connection")
    if host is None or length is None or len(headers) > limits.headers or not _NOT_PLAIN.isdisjoint(values):
        return None
    if connection is not None and connection.lower() != b"keep-alive":
        return None
    if len(values) < len(headers):
        names = [name for name, _ in headers]
        if any(names.count(name) > 1 for name in _ONCE):
            return None
    return length if _LENGTH.fullmatch(length) and HOST.fullmatch(host) else None
