"""Every way in which a connection goes wrong, each as a server that makes it happen."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.gateway.wires.raw import Script, Visit, raw
from tests.services.trials.authority import Authority

LIST = {"object": "list", "data": [{"id": "one", "object": "model"}, {"id": "two", "object": "model"}]}
OLLAMAS = {"models": [{"name": "a:1b", "model": "a:1b", "modified_at": "2026-01-01", "digest": "d"}]}
GEMINIS = {"models": [{"name": "models/g", "supportedGenerationMethods": ["generateContent"]}]}
ANTHROPICS = {"data": [{"type": "model", "id": "c", "display_name": "C"}], "has_more": False, "first_id": "c"}
PAGE = b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>"

Open = Callable[["Den"], AbstractAsyncContextManager[str]]


@dataclass(frozen=True, slots=True)
class Den:
    """What a server may need to be wrong."""

    authority: Authority
    stranger: Authority


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong, the cause that must be told, and a word that what to do must hold."""

    name: str
    cause: str
    advice: str
    address: Open = field(repr=False)
    profile: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return self.name


def reply(status: int, body: object = None, **headers: str) -> bytes:
    """An answer with a body of JSON, or of these bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = headers.pop("content_type", "text/html" if data is PAGE else "application/json")
    told = {"content-type": kind, "content-length": str(len(data)), "connection": "close", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + data


def error(status: int, message: str, code: str = "x", **headers: str) -> bytes:
    """A refusal as OpenAI writes it."""
    return reply(status, {"error": {"message": message, "type": code, "code": code}}, **headers)


def saying(answer: bytes, others: Mapping[str, bytes] | None = None) -> Open:
    """A server that says this to everybody, but something else at some paths."""

    async def script(visit: Visit) -> None:
        head, _ = await visit.request()
        path = head.split(b" ", 2)[1].decode()
        await visit.send((others or {}).get(path, answer))

    return served(script)


def served(script: Script, *, secure: Callable[[Den], ssl.SSLContext] | None = None, scheme: str = "") -> Open:
    """A server that runs this script; `scheme` is what the profile wrongly says."""

    @asynccontextmanager
    async def opened(den: Den) -> AsyncGenerator[str]:
        trust = None if secure is None else secure(den)
        async with raw(script, trust=trust, named="localhost" if secure else "") as provider:
            told, _, rest = provider.url.partition("://")
            yield f"{scheme or told}://{rest.removesuffix('/x')}"

    return opened


def at(address: str) -> Open:
    """No server at all, but an address."""

    @asynccontextmanager
    async def opened(_den: Den) -> AsyncGenerator[str]:
        yield address

    return opened


@asynccontextmanager
async def nobody(_den: Den) -> AsyncGenerator[str]:
    """A port where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@asynccontextmanager
async def deaf(_den: Den) -> AsyncGenerator[str]:
    """A port that takes no connection any more and refuses none."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


async def silent(visit: Visit) -> None:
    await visit.request()
    await visit.gone()


async def leaving(visit: Visit) -> None:
    await visit.request()


async def well(visit: Visit) -> None:
    await visit.request()
    await visit.send(reply(200, LIST))


async def mumbling(visit: Visit) -> None:
    await visit.request()
    await visit.send(b"220 mail.example ready\r\n")


NOT_FOUND = error(404, "Not Found")
FAULTS = (
    Fault("a wrong key", "key_refused", "new one", saying(error(401, "Incorrect API key provided"))),
    Fault("a wrong key with status 400", "key_refused", "new one", saying(error(400, "API key not valid."))),
    Fault(
        "a key without the right", "key_not_allowed", "right to list", saying(error(403, "Insufficient permissions"))
    ),
    Fault("no key", "key_needed", "then give it", saying(error(401, "missing key")), {"key": None}),
    Fault("no variable", "key_missing", "EMPTY", at("http://127.0.0.1:9/v1"), {"key": "env:EMPTY"}),
    Fault("a wrong path", "wrong_path", "path of the base URL", saying(NOT_FOUND)),
    Fault("a page where there is nothing", "wrong_path", "path of the base URL", saying(reply(404, PAGE))),
    Fault("a rate limit", "rate_limited", "second key", saying(error(429, "Rate limit reached", retry_after="7"))),
    Fault(
        "a region",
        "region",
        "place it serves",
        saying(error(403, "Country, region, or territory not supported", "unsupported_country_region_territory")),
    ),
    Fault(
        "a region with 400", "region", "place", saying(error(400, "User location is not supported for the API use."))
    ),
    Fault("no credit", "no_credit", "Top it up", saying(error(429, "You exceeded your current quota, please check"))),
    Fault("no money", "no_credit", "Top it up", saying(error(402, "Insufficient Balance"))),
    Fault("a low balance", "no_credit", "Top it up", saying(error(400, "Your credit balance is too low to access"))),
    Fault("a sign-in page", "login_page", "browser", saying(reply(200, PAGE))),
    Fault("a firewall's page", "login_page", "browser", saying(reply(403, PAGE))),
    Fault("no JSON", "not_json", "another kind", saying(reply(200, b"OK", content_type="text/plain"))),
    Fault("no list", "not_a_list", "base URL", saying(reply(200, {"hello": "world"}))),
    Fault("an empty list", "no_models", "install a model", saying(reply(200, {"object": "list", "data": []}))),
    Fault(
        "a redirect", "redirect", "base URL", saying(reply(302, b"", location="https://elsewhere.example/v1/models"))
    ),
    Fault("trouble", "provider_trouble", "Nothing is wrong", saying(error(503, "overloaded"))),
    Fault("a bad gateway", "provider_trouble", "Nothing is wrong", saying(reply(502, PAGE))),
    Fault("another refusal", "request_refused", "headers", saying(error(422, "what is this"))),
    Fault("silence", "too_slow", "log", served(silent)),
    Fault("a closed connection", "hung_up", "log", served(leaving)),
    Fault("another protocol", "not_http", "port", served(mumbling)),
    Fault("nobody there", "refused", "Start the server", nobody),
    Fault("no connection", "no_connection", "firewall", deaf),
    Fault(
        "a stranger's certificate", "tls_untrusted", "ca_file", served(well, secure=lambda den: den.stranger.server())
    ),
    Fault(
        "another host's certificate", "tls_name", "name", served(well, secure=lambda den: den.authority.server("other"))
    ),
    Fault(
        "an old certificate",
        "tls_expired",
        "renewed",
        served(well, secure=lambda den: den.authority.server(lives=timedelta(hours=-1))),
    ),
    Fault(
        "http at https",
        "http_at_https",
        "https://",
        served(well, secure=lambda den: den.authority.server(), scheme="http"),
    ),
    Fault(
        "a word about https",
        "http_at_https",
        "https://",
        saying(reply(400, b"<html>The plain HTTP request was sent to HTTPS port</html>")),
    ),
    Fault("https at http", "https_at_http", "http://", served(well, scheme="https")),
    Fault("a private address", "address_private", "--allow-private", saying(NOT_FOUND), {"allow_private": False}),
    Fault("a metadata address", "address_never", "another address", at("http://169.254.169.254/v1")),
    Fault("an Ollama", "other_dialect", "provider ollama", saying(NOT_FOUND, {"/api/tags": reply(200, OLLAMAS)})),
    Fault("an Ollama's list", "other_dialect", "provider ollama", saying(reply(200, OLLAMAS))),
    Fault("a Gemini's list", "other_dialect", "provider google", saying(reply(200, GEMINIS))),
    Fault("an Anthropic's list", "other_dialect", "anthropic-compatible", saying(reply(200, ANTHROPICS))),
)
