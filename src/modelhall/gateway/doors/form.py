"""The form that a request's head must have, and how much of anything a connection may bring or take."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modelhall.domain.errors import BadRequest, HeadersTooLarge, NoSuchMethod

_METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
HOST = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
"""What a Host header may say."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may take in time and size, and how many connections there may be."""

    connections: int = 10_000
    head_seconds: float = 15.0
    """From the first byte of a request to the end of its headers; also how long a new connection may say nothing."""
    idle_seconds: float = 75.0
    """Between two requests."""
    stuck_seconds: float = 60.0
    """How long a client may take nothing of an answer."""
    body_window_seconds: float = 30.0
    body_bytes_per_second: int = 1000
    """A body must bring this much, counted over each window."""
    head_bytes: int = 32 * 1024
    headers: int = 100
    url_bytes: int = 8 * 1024
    waiting: int = 64
    """Requests that may wait on one connection for the answers before theirs."""
    look_seconds: float = 1.0
    """How often the deadlines are looked at."""


@dataclass(slots=True)
class Head:
    """The head of a request as the parser gives it. Not frozen: one is made for each request, at half the cost."""

    raw: bytes
    """The pieces it came in, with what else was in them."""
    method: bytes
    version: str
    url: bytes
    headers: Sequence[tuple[bytes, bytes]]

    def check(self, limits: Limits) -> list[bytes]:
        """The headers' names. Raises BadRequest, TooLarge for what the parser passes and others may read otherwise."""
        self._check_size(limits)
        # The parser knows RTSP as well, and tells only its version.
        if self.version not in ("1.1", "1.0") or self.url + b" HTTP/" not in self.raw:
            raise BadRequest("speak HTTP/1.1")
        if self.method not in _METHODS:
            raise NoSuchMethod("no path here has this method")
        if self.url[:1] != b"/" or b"#" in self.url or b"%00" in self.url:
            raise BadRequest("the address of the request must be a path")
        names = [name for name, _ in self.headers]
        self._check_host(names)
        if b"transfer-encoding" in names:
            codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
            if codings != [b"chunked"] or self.version == "1.0":
                raise BadRequest("the only transfer encoding here is chunked, in HTTP/1.1")
        return names

    def _check_host(self, names: list[bytes]) -> None:
        hosts = names.count(b"host")
        if hosts != 1 and (hosts or self.version == "1.1"):
            raise BadRequest("the request must have one Host header")
        if hosts and not HOST.fullmatch(self.headers[names.index(b"host")][1]):
            raise BadRequest("the Host header names no host")

    def _check_size(self, limits: Limits) -> None:
        if len(self.headers) > limits.headers:
            raise HeadersTooLarge(f"the request has more than {limits.headers} headers")
        # What came is an upper bound; only a body in the same piece makes it worth counting.
        if len(self.raw) > limits.head_bytes and (
            len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > limits.head_bytes
        ):
            raise HeadersTooLarge("the headers of the request are too large")
