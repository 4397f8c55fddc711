"""What a proxy says is believed from proxies that the operator named, and from nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from modelhall.gateway.doors.guards import Guarded
from modelhall.gateway.doors.proxy import BehindProxy
from tests.support.asgi import Client

PROXY, STRANGER = "10.0.0.7", "203.0.113.9"


def seen_by(
    trusted: tuple[str, ...], public_url: str | None = None, client: str = PROXY
) -> tuple[Client, dict[str, Any]]:
    """A client, and what the application behind the proxy saw last."""
    seen: dict[str, Any] = {}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.clear()
        seen.update(scope, said={name.decode(): value.decode() for name, value in scope["headers"]})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return Client(BehindProxy(Guarded(application), trusted, public_url), {}, client=client), seen


async def test_a_trusted_proxy_says_who_asks_and_how() -> None:
    client, seen = seen_by(("10.0.0.0/8",))
    told = {"x-forwarded-for": STRANGER, "x-forwarded-proto": "https", "x-forwarded-host": "models.example"}
    await client.send("GET", "/x", None, told)
    assert (seen["client"][0], seen["scheme"], seen["said"]["host"]) == (STRANGER, "https", "models.example")
    assert not [name for name in seen["said"] if name.startswith("x-forwarded")]


@pytest.mark.parametrize("trusted", [(), ("10.0.0.8",), ("192.168.0.0/16", "::1")])
async def test_nobody_else_is_believed(trusted: tuple[str, ...]) -> None:
    client, seen = seen_by(trusted)
    told = {"x-forwarded-for": STRANGER, "x-forwarded-proto": "https", "x-forwarded-host": "models.example"}
    await client.send("GET", "/x", None, told)
    assert (seen["client"][0], seen["scheme"], seen["said"]["host"]) == (PROXY, "http", "127.0.0.1:8400")


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("1.1.1.1, 203.0.113.9", STRANGER),
        ("1.1.1.1, 203.0.113.9, 10.0.0.1", STRANGER),
        ("203.0.113.9,10.0.0.1,10.1.2.3", STRANGER),
        ("2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", PROXY),
        ("unknown", PROXY),
        ("203.0.113.9, unknown", PROXY),
        ("203.0.113.9:4711", PROXY),
        ("'; DROP TABLE x", PROXY),
        ("", PROXY),
    ],
)
async def test_only_the_last_address_that_is_not_a_proxys_counts(told: str, client: str) -> None:
    caller, seen = seen_by(("10.0.0.0/8",))
    await caller.send("GET", "/x", None, {"x-forwarded-for": told})
    assert seen["client"][0] == client


@pytest.mark.parametrize(
    ("told", "scheme", "host"),
    [
        ({"x-forwarded-proto": "http, https"}, "https", "127.0.0.1:8400"),
        ({"x-forwarded-proto": "HTTPS"}, "https", "127.0.0.1:8400"),
        ({"x-forwarded-proto": "javascript"}, "http", "127.0.0.1:8400"),
        ({"x-forwarded-host": "evil.example/path"}, "http", "127.0.0.1:8400"),
        ({"x-forwarded-host": "a b"}, "http", "127.0.0.1:8400"),
        ({"x-forwarded-host": "evil.example, good.example"}, "http", "good.example"),
    ],
)
async def test_what_makes_no_sense_is_not_believed(told: dict[str, str], scheme: str, host: str) -> None:
    client, seen = seen_by((PROXY,))
    await client.send("GET", "/x", None, told)
    assert (seen["scheme"], seen["said"]["host"]) == (scheme, host)


@pytest.mark.parametrize(
    ("asked", "path"),
    [("/hall/v1/models", "/v1/models"), ("/hall/", "/"), ("/v1/models", "/v1/models"), ("/hallway", "/hallway")],
)
async def test_the_public_path_is_taken_away_where_the_proxy_left_it(asked: str, path: str) -> None:
    client, seen = seen_by((), "https://models.example/hall")
    await client.get(asked)
    assert (seen["path"], seen["raw_path"]) == (path, path.encode())


async def test_without_the_slash_the_path_leads_to_the_one_with_it() -> None:
    client, _ = seen_by((), "https://models.example/hall")
    answer = await client.get("/hall")
    assert (answer.status, answer.headers["location"]) == (308, "/hall/")


async def test_strict_transport_is_asked_for_over_tls_only() -> None:
    client, _ = seen_by((PROXY,))
    plain, secure = await client.get("/x"), await client.send("GET", "/x", None, {"x-forwarded-proto": "https"})
    assert "strict-transport-security" not in plain.headers
    assert secure.headers["strict-transport-security"] == "max-age=31536000"
    client.client = STRANGER
    lied = await client.send("GET", "/x", None, {"x-forwarded-proto": "https"})
    assert "strict-transport-security" not in lied.headers
