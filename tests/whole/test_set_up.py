"""A server that others can reach is closed until somebody has set it up; the first admin may come from the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelhall.bootstrap.house import OpenHouse, open_house
from modelhall.domain.errors import SetupError
from modelhall.services.links import issue
from modelhall.settings import Settings
from tests.support.asgi import Client

GOOD = "quartz lantern mosaic ferry"
CLOSED = ("/", "/readyz", "/metrics", "/v1/models", "/api/v1/status", "/api/v1/openapi.json", "/api/models", "/none")


def settings(data: Path, host: str = "0.0.0.0", **more: Any) -> Settings:
    return Settings(data=data, host=host, engine=False, **more)


def stranger(opened: OpenHouse) -> Client:
    """Somebody from elsewhere, over TLS."""
    return Client(opened.app, {}, scheme="https", client="192.0.2.7", server="192.0.2.1")


async def statuses(client: Client) -> set[int]:
    return {(await client.get(path)).status for path in CLOSED}


async def test_an_open_bind_is_closed_until_the_link_is_used(tmp_path: Path) -> None:
    async with open_house(settings(tmp_path)) as opened:
        someone = stranger(opened)
        assert opened.awaits_set_up
        assert await statuses(someone) == {503}
        told = await someone.get("/api/v1/status")
        assert told.json["code"] == "set_up_needed"
        call = {"model": "any", "messages": []}
        assert (await someone.post("/v1/chat/completions", call)).status == 503
        assert (await someone.post("/v1/chat/completions", call, authorization="Bearer mh_x")).status == 503
        assert (await someone.get("/healthz")).status == 200
        assert b"<html" in (await someone.get("/")).body, "the page says how to go on"
        assert (await someone.post("/api/v1/sessions", {"link": "a guess"})).status == 401
        operator = {"authorization": f"Bearer {opened.operator_token}"}
        assert (await someone.get("/api/v1/status", **operator)).status == 200
        async with opened.house.database.write() as connection:
            code = await issue(connection, opened.house.clock())
        assert (await someone.post("/api/v1/sessions", {"link": code})).status == 204
        assert not opened.awaits_set_up
        assert (await someone.get("/")).status == 200
        assert (await someone.get("/api/v1/status")).status == 401
    async with open_house(settings(tmp_path)) as again:
        assert not again.awaits_set_up


async def test_a_key_made_on_the_machine_sets_a_server_up(tmp_path: Path) -> None:
    async with open_house(settings(tmp_path)) as opened:
        someone = stranger(opened)
        operator = {"authorization": f"Bearer {opened.operator_token}"}
        key = (await someone.post("/api/v1/keys", {"name": "first"}, **operator)).json["key"]
        assert (await someone.get("/v1/models", authorization=f"Bearer {key}")).status == 200


async def test_on_loopback_nothing_is_closed(tmp_path: Path) -> None:
    async with open_house(settings(tmp_path, "127.0.0.1")) as opened:
        assert (await stranger(opened).get("/")).status == 200


async def test_the_settings_name_a_first_admin_once(tmp_path: Path) -> None:
    named = {"admin_email": "Root@Example.org", "admin_password": GOOD}
    async with open_house(settings(tmp_path, **named)) as opened:
        someone = stranger(opened)
        assert not opened.awaits_set_up
        signed_in = await someone.post("/api/v1/sessions", {"login": "root@example.org", "password": GOOD})
        assert signed_in.status == 204
        cookie = signed_in.headers["set-cookie"].partition(";")[0]
        assert (await someone.get("/api/v1/session", cookie=cookie)).json["member"]["role"] == "admin"
    async with open_house(settings(tmp_path, **named | {"admin_password": "another " + GOOD})) as opened:
        someone = stranger(opened)
        changed = await someone.post("/api/v1/sessions", {"login": "root@example.org", "password": "another " + GOOD})
        assert changed.status == 401, "later starts change nothing"
    async with open_house(settings(tmp_path, admin_email="other@example.org", admin_password=GOOD)) as opened:
        operator = {"authorization": f"Bearer {opened.operator_token}"}
        members = (await stranger(opened).get("/api/v1/members", **operator)).json["items"]
        assert [each["login"] for each in members] == ["owner", "root@example.org"]


@pytest.mark.parametrize(
    "named",
    [{"admin_email": "a@b.example"}, {"admin_password": GOOD}, {"admin_email": "a@b.example", "admin_password": "x"}],
    ids=["no password", "no login", "a weak password"],
)
async def test_half_a_first_admin_is_refused_with_what_to_do(tmp_path: Path, named: dict[str, str]) -> None:
    with pytest.raises(SetupError, match="MODELHALL_ADMIN_PASSWORD"):
        async with open_house(settings(tmp_path, **named)):
            pass
