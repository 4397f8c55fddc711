"""A caller of ASGI applications in the same process: no socket, no client library."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Message = MutableMapping[str, Any]
Application = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()
    """Every `Set-Cookie`; of other headers that come several times, the last is in `headers`."""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class Client:
    """Calls one application, with the same headers each time."""

    application: Application
    headers: dict[str, str]
    root_path: str = ""
    scheme: str = "http"
    server: str = "127.0.0.1"
    client: str = "127.0.0.1"

    async def get(self, path: str, **headers: str) -> Answer:
        """A GET."""
        return await self.send("GET", path, None, headers)

    async def post(self, path: str, body: object = None, **headers: str) -> Answer:
        """A POST of JSON."""
        return await self.send("POST", path, body, headers)

    async def put(self, path: str, body: object = None, **headers: str) -> Answer:
        """A PUT of JSON."""
        return await self.send("PUT", path, body, headers)

    async def patch(self, path: str, body: object = None, **headers: str) -> Answer:
        """A PATCH of JSON."""
        return await self.send("PATCH", path, body, headers)

    async def delete(self, path: str, **headers: str) -> Answer:
        """A DELETE."""
        return await self.send("DELETE", path, None, headers)

    async def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Any request. Keyword headers have `_` for `-`; a body of bytes is sent as it is, anything else as JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"host": "127.0.0.1:8400", **self.headers}
        if body is not None:
            sent.setdefault("content-type", "application/json")
        sent |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        plain, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": self.root_path + unquote(plain),
            "raw_path": (self.root_path + plain).encode(),
            "root_path": self.root_path,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "server": (self.server, 8400),
            "client": (self.client, 50000),
            "state": {},
        }
        return await _exchange(self.application, scope, data)


async def _exchange(application: Application, scope: Message, data: bytes) -> Answer:
    messages: list[Message] = [{"type": "http.request", "body": data, "more_body": False}]
    told: list[Message] = []
    gone = asyncio.Event()

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        told.append(message)

    await application(scope, receive, send)
    gone.set()
    head = told[0]
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in head["headers"]}
    cookies = tuple(value.decode() for name, value in head["headers"] if name.lower() == b"set-cookie")
    return Answer(head["status"], headers, b"".join(message.get("body", b"") for message in told[1:]), cookies)
