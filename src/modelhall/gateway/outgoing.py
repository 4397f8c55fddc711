"""What goes out to a provider: the place, and a head of checked bytes, most of which is made once for many calls."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from modelhall.domain.errors import BadRequest, ProviderUnreachable

_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]|[0-9A-Za-z._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>/[!\"$-\[\]-~]*)?",
    re.IGNORECASE,
)
"""One way to read a URL only: no user, no blank, no backslash, no fragment, nothing outside ASCII."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Endpoint(NamedTuple):
    """A server, and whether it may have a private address. A tuple, because one is looked up for each call."""

    scheme: str
    host: str
    """In lower case; an IPv6 address without its brackets."""
    port: int
    private_allowed: bool

    @property
    def place(self) -> str:
        """Host and port as they stand in a URL; the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port in their plain form."""
        return f"{self.scheme}://{self.place}"


@dataclass(frozen=True, slots=True)
class FixedHead:
    """The part of a request's head that is the same for many calls, the key in it."""

    endpoint: Endpoint
    lines: bytes = field(repr=False)


@dataclass(slots=True)
class Request:
    """A request, ready to be sent. Not frozen: one is made for each call."""

    endpoint: Endpoint
    head: bytes = field(repr=False)
    body: bytes | None = field(repr=False)


def endpoint_of(url: str, *, private_allowed: bool = False) -> tuple[Endpoint, str]:
    """The server that a URL means, and what is asked of it. Raises ProviderUnreachable when it is no plain URL."""
    if url.partition("://")[0].lower() not in _PORTS:
        raise ProviderUnreachable("the profile's base URL is neither http:// nor https://")
    found = _URL.fullmatch(url)
    port = int(found["port"] or _PORTS[found["scheme"].lower()]) if found else 0
    if found is None or not 0 < port <= 65535:
        raise ProviderUnreachable("the profile's base URL is no address that can be called")
    host = found["host"].lower().removeprefix("[").removesuffix("]")
    return Endpoint(found["scheme"].lower(), host, port, private_allowed), found["target"] or "/"


def fixed_head(
    method: Literal["GET", "POST"], url: str, headers: Iterable[tuple[str, str]], *, private_allowed: bool
) -> FixedHead:
    """The lines that are the same for all requests there. Raises ProviderUnreachable, BadRequest for a bad header."""
    endpoint, target = endpoint_of(url, private_allowed=private_allowed)
    lines = b"".join(header_line(name, value) for name, value in headers)
    return FixedHead(endpoint, f"{method} {target} HTTP/1.1\r\nhost: {endpoint.place}\r\n".encode("ascii") + lines)


def header_line(name: str, value: str) -> bytes:
    """One header as bytes. Raises BadRequest when it holds what could end a line, or what no header may hold."""
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise BadRequest(f"the header {name[:60]!r} holds a character that is not allowed")
    return f"{name}: {value}\r\n".encode("latin-1")


def posted(head: FixedHead, more: bytes, body: bytes) -> Request:
    """A request with a body; `more` are lines made by `header_line`."""
    return Request(head.endpoint, b"%bcontent-length: %d\r\n\r\n" % (head.lines + more, len(body)), body)


def request_to(url: str, headers: Mapping[str, str], body: bytes | None, *, private_allowed: bool) -> Request:
    """A request that is sent once: POST with a body, GET without. Raises ProviderUnreachable, BadRequest."""
    head = fixed_head("GET" if body is None else "POST", url, headers.items(), private_allowed=private_allowed)
    return Request(head.endpoint, head.lines + b"\r\n", None) if body is None else posted(head, b"", body)
