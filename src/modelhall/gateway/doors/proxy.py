"""What a proxy before the server says of a request, believed only from proxies that the operator named."""

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from modelhall.gateway.doors.exchange import Headers
from modelhall.gateway.doors.guards import Application
from modelhall.gateway.doors.http import Receive, Scope, Send, answer

FOR, PROTO, HOST = b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"
TOLD_BY_PROXIES = frozenset({FOR, PROTO, HOST, b"x-forwarded-port", b"x-real-ip", b"forwarded"})
"""They show that a proxy brought a request, or somebody who wants it to look so."""
_HOST = re.compile(rb"[A-Za-z0-9._\[\]:-]{1,255}")


class BehindProxy:
    """Takes the word of trusted proxies on a client's address, scheme and host, and takes the public path away.

    Whoever comes next finds the request as if the client had sent it straight to the root.
    """

    def __init__(self, app: Application, trusted: Sequence[str], public_url: str | None) -> None:
        self._app = app
        self._trusted = [ip_network(each) for each in trusted]
        self._path = urlsplit(public_url or "").path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if self._trusted and self._trusts(_client(scope)):
                self._believe(scope)
            if self._path and scope["path"] == self._path:
                # The page's addresses are relative: without the slash they would lead beside it.
                headers: Headers = [(b"location", f"{self._path}/".encode("latin-1", "replace"))]
                await answer(send, 308, headers, b"")
                return
            if self._path and scope["path"].startswith(f"{self._path}/"):
                _shorten(scope, self._path)
        await self._app(scope, receive, send)

    def _trusts(self, address: str) -> bool:
        try:
            place = ip_address(address)
        except ValueError:
            return False
        return any(place in network for network in self._trusted)

    def _believe(self, scope: Scope) -> None:
        told: dict[bytes, list[bytes]] = {}
        rest: Headers = []
        for name, value in scope["headers"]:
            if name in TOLD_BY_PROXIES:
                told.setdefault(name, []).extend(part.strip() for part in value.split(b","))
            else:
                rest.append((name, value))
        host = told.get(HOST, [b""])[-1]
        if _HOST.fullmatch(host):
            rest = [(name, host if name == b"host" else value) for name, value in rest]
        scheme = told.get(PROTO, [b""])[-1].lower()
        if scheme in {b"http", b"https"}:
            scope["scheme"] = scheme.decode()
        client = self._first_stranger(told.get(FOR, []))
        if client is not None:
            scope["client"] = (client, 0)
        scope["headers"] = rest

    def _first_stranger(self, told: Sequence[bytes]) -> str | None:
        """The last address that no trusted proxy has: what stands before it, anybody may have written."""
        for each in reversed(told):
            address = each.decode("latin-1")
            try:
                ip_address(address)
            except ValueError:
                return None
            if not self._trusts(address):
                return address
        return None


def was_forwarded(headers: Headers) -> bool:
    """Whether a proxy brought the request whose word is not taken."""
    return any(name in TOLD_BY_PROXIES for name, _ in headers)


def _client(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _shorten(scope: Scope, path: str) -> None:
    scope["path"] = scope["path"][len(path) :]
    raw: bytes = scope.get("raw_path") or b""
    if raw.startswith(path.encode("latin-1", "replace") + b"/"):
        scope["raw_path"] = raw[len(path) :]
