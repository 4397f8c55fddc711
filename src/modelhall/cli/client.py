"""Asks the control API, whichever way it is reached; refusals come back as the house's own errors."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import quote, urlencode

from modelhall.domain.errors import ModelhallError

CONTROL = "/api/v1"
Object = dict[str, Any]
"""A JSON object as it came; commands read from it only what they show."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it comes in. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Door(Protocol):
    """A way to the house."""

    address: str
    """Where programs reach it; empty when nobody can."""
    token: str
    """The operator token."""

    def call(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> AbstractContextManager[Reply]:
        """One request. Raises NotReady when the house does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class Client:
    """The control API as commands use it. Every method raises the house's own errors for a refusal."""

    door: Door

    def get(self, path: str, **query: object) -> Object:
        """What is at this path of the control API."""
        return self.send("GET", path, None, **query)

    def send(self, method: str, path: str, body: Object | None = None, **query: object) -> Object:
        """Have the control API do something; gives its answer, or an empty object when it has nothing to say."""
        with self.stream(method, CONTROL + path + query_of(query), body) as reply:
            text = b"".join(reply.chunks)
        return json.loads(text) if text else {}

    def items(self, path: str, **query: object) -> list[Object]:
        """All items of a list, page by page."""
        found: list[Object] = []
        after: object = None
        while True:
            page = self.get(path, after=after, limit=500, **query)
            found += page["items"]
            after = page.get("next")
            if not after:
                return found

    @contextmanager
    def stream(
        self, method: str, target: str, body: Object | None = None, headers: Mapping[str, str] | None = None
    ) -> Generator[Reply]:
        """A request to any path of the house whose answer is read as it comes."""
        told = {"authorization": f"Bearer {self.door.token}", "accept": "application/json, */*", **(headers or {})}
        if body is not None:
            told["content-type"] = "application/json"
        text = None if body is None else json.dumps(body).encode()
        with self.door.call(method, target, told, text) as reply:
            if reply.status >= 400:
                raise refusal(reply.status, reply.headers, b"".join(reply.chunks))
            yield reply


def in_path(name: str) -> str:
    """A name as a part of a path; a model's name keeps its slash."""
    return quote(name, safe="/:@")


def query_of(query: Mapping[str, object]) -> str:
    """`?…` of what is set; truth is written in small letters."""
    told = [(name, _query_word(value)) for name, value in query.items() if value is not None]
    return f"?{urlencode(told)}" if told else ""


def _query_word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def object_in(value: object) -> Object | None:
    """The value if it is a JSON object."""
    return cast(Object, value) if isinstance(value, dict) else None


def list_in(value: object) -> list[object]:
    """The value if it is a JSON list, else an empty one."""
    return cast(list[object], value) if isinstance(value, list) else []


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> ModelhallError:
    """The error that the house raised at its end: of the same class, with the same message and details."""
    try:
        told: object = json.loads(body)
    except ValueError:
        told = None
    problem = object_in(told) or {}
    error = object_in(problem.get("error")) or problem
    message = str(error.get("detail") or error.get("message") or error.get("title") or f"the server answered {status}")
    for fault in error.get("errors") or ():
        message += f"\n  {fault.get('field')}: {fault.get('message')}"
    wait = headers.get("retry-after", "")
    kind = _classes(ModelhallError).get(str(error.get("code")), ModelhallError)
    return kind(message, retry_after_s=int(wait) if wait.isdecimal() else None, details=error)


def _classes(kind: type[ModelhallError]) -> dict[str, type[ModelhallError]]:
    found = {kind.code: kind}
    for child in kind.__subclasses__():
        found |= _classes(child)
    return found
