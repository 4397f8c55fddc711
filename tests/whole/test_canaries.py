"""Secrets of every kind, through a server at debug level on which all goes wrong: none comes out anywhere."""

from __future__ import annotations

import asyncio
import base64
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from tests.support.canaries import Canaries
from tests.support.oidc import CLIENT, LocalProvider, local_provider, query_of, signed
from tests.whole.server import Server, server_on

PUBLIC = "http://127.0.0.1:1"
"""Where sign-in providers send people back to; the test takes the answer to the server itself."""

HEADER = "value of a header"


@dataclass(slots=True)
class Everywhere:
    """What the server said and kept, by where it was."""

    texts: dict[str, bytes] = field(default_factory=dict)

    def heard(self, where: str, data: bytes) -> None:
        self.texts[where] = self.texts.get(where, b"") + b"\n" + data


@dataclass(slots=True)
class Setting:
    """A server, who is called by it, and the secrets."""

    server: Server
    broken: str
    """A provider's address where everything fails, and what was sent is told."""
    corp: LocalProvider
    planted: Canaries
    everywhere: Everywhere
    client: aiohttp.ClientSession
    token: str

    async def ask(self, method: str, path: str, body: object = None, key: str | None = None, **headers: str) -> Any:
        """An answer; what it says counts as said, unless it is the one place where a secret is told."""
        told = {"authorization": f"Bearer {key or self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if key == "":
            del told["authorization"]
        async with self.client.request(method, path, json=body, headers=told, allow_redirects=False) as answer:
            text = await answer.read()
            names = str([(name, value) for name, value in answer.headers.items() if name.lower() != "set-cookie"])
        self.everywhere.heard(f"{method} {path}: headers", names.encode())
        if not (answer.status == 201 and path in {"/api/v1/keys", "/api/v1/links"}):
            self.everywhere.heard(f"{method} {path}", text)
        return json.loads(text) if text and answer.content_type.endswith(("/json", "+json")) else text, answer


async def tell_all(request: web.Request) -> web.Response:
    """The worst provider: it fails, and repeats whatever it was sent."""
    body = (await request.read()).decode("utf-8", "replace")
    return web.json_response(
        {"error": {"message": f"no: {dict(request.headers)} {body}"}}, status={"/bad": 400}.get(request.path[:4], 500)
    )


@asynccontextmanager
async def broken_provider() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", tell_all)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
def planted() -> Canaries:
    """Not the fixture `canaries`: here the server has a log of its own."""
    return Canaries()


async def test_no_secret_of_any_kind_comes_out_of_a_server_on_which_all_goes_wrong(
    database_url: str, tmp_path: Path, planted: Canaries
) -> None:
    everywhere = Everywhere()
    environ = environment(database_url, tmp_path, planted)
    async with broken_provider() as broken, local_provider() as corp:
        corp.secret = environ["CORP_SECRET"]
        described = {"id": "corp", "issuer": corp.issuer, "client_id": CLIENT, "client_secret": "env:CORP_SECRET"}
        told = described | {"auto_create": True, "default_role": "admin", "audience": "hall-api"}
        environ["MODELHALL_SIGN_IN"] = json.dumps([told])
        url = environ.pop("DATABASE_URL")
        with server_on(tmp_path / "data", url, **environ) as server:
            await asyncio.to_thread(server.start)
            async with aiohttp.ClientSession(server.address, cookie_jar=aiohttp.DummyCookieJar()) as client:
                token = planted.also("operator token", server.token)
                planted.also("link", server.link)
                at = Setting(server, broken, corp, planted, everywhere, client, token)
                for step in (profiles, calls, people, refusals):
                    await step(at)
                await kept_and_told(at, tmp_path)
            await asyncio.to_thread(server.stop)
    look_at_files(everywhere, tmp_path)
    found = {where: hits for where, data in everywhere.texts.items() if (hits := planted.found_in_any_form(data))}
    in_database = [found.pop(where) for where in list(found) if where.startswith("modelhall.db")]
    assert all(hits == [HEADER] for hits in in_database), in_database
    assert found == {}
    assert len(set(planted.planted.values())) >= 14, sorted(set(planted.planted.values()))
    print(f"{len(set(planted.planted.values()))} kinds of secrets, {len(everywhere.texts)} places, 0 hits")


def environment(database_url: str, folder: Path, planted: Canaries) -> dict[str, str]:
    """What the server is started with; PostgreSQL's own password is one of the secrets."""
    (folder / "secrets").mkdir()
    (folder / "secrets" / "den").write_text(planted.plant("content of a file"))
    master = planted.also("master key", "".join(f"{(number * 37 + 11) % 256:02x}" for number in range(32)))
    if password := urlsplit(database_url).password:
        planted.also("database password", password)
    return {
        "DATABASE_URL": database_url,
        "MODELHALL_MASTER_KEY": master,
        "MODELHALL_LOG_LEVEL": "debug",
        "MODELHALL_SECRETS_DIR": str(folder / "secrets"),
        "MODELHALL_PUBLIC_URL": PUBLIC,
        "MODELHALL_SECRET_DEN": planted.plant("key in a variable"),
        "CORP_SECRET": planted.plant("client secret"),
    }


async def profiles(at: Setting) -> None:
    """Profiles with secrets in every place; none of their servers does what it should."""
    plant, api = at.planted.plant, "/api/v1/profiles"
    kind = {"provider": "openai-compatible", "allow_private": True}
    secret = plant("provider key")
    header = {"x-team": plant(HEADER, prefix="hv")}
    for name, told in {
        "stored": {"base_url": f"{at.broken}/v1", "key": secret, "headers": header},
        "bad": {"base_url": f"{at.broken}/bad/v1", "key": plant("another provider key"), "headers": header},
        "variable": {"base_url": f"{at.broken}/v1", "key_env": "MODELHALL_SECRET_DEN"},
        "gone": {"base_url": "http://127.0.0.1:9/v1", "key": plant("key for a dead address")},
        "file": {"base_url": f"{at.broken}/v1"},
    }.items():
        await at.ask("POST", api, {**kind, "id": name, **told})
    await at.ask("POST", f"{api}/file/keys", {"key": "file:den"})
    await at.ask("PATCH", f"{api}/file", {"key": "file:den"})
    hidden = plant("password in a base URL", prefix="pw")
    await at.ask("POST", api, {**kind, "id": "user", "base_url": f"http://user:{hidden}@127.0.0.1:9/v1"})
    await at.ask("POST", f"{api}/test", {**kind, "base_url": f"http://user:{hidden}@127.0.0.1:9/v1", "key": secret})
    for name in ("stored", "bad", "variable", "gone", "file"):
        await at.ask("POST", f"{api}/{name}/test")
        await at.ask("POST", f"{api}/{name}/sync", {})
        await at.ask("POST", f"{api}/{name}/sync", {"models": ["small"], "activate": True})


async def calls(at: Setting) -> None:
    """Calls that fail at the provider, in both shapes, streamed and not."""
    made, _ = await at.ask("POST", "/api/v1/keys", {"name": "caller"})
    key = at.planted.also("virtual key", made["key"])
    prompt = at.planted.plant("prompt", prefix="p")
    for name in ("stored", "bad", "variable", "gone", "file"):
        for stream in (False, True):
            body = {"model": f"{name}/small", "messages": [{"role": "user", "content": prompt}], "stream": stream}
            # The caller's own words may come back to the caller; nothing else of it may.
            for path in ("/v1/chat/completions", "/v1/messages"):
                await at.ask("POST", path, {**body, "max_tokens": 5}, key=key)
                said = at.everywhere.texts.pop(f"POST {path}")
                at.everywhere.heard(f"POST {path} of {name}", said.replace(prompt.encode(), b"[the prompt]"))
        await at.ask("POST", "/api/v1/models/test", {"model": f"{name}/small", "prompt": prompt})
        said = at.everywhere.texts.pop("POST /api/v1/models/test")
        at.everywhere.heard("POST /api/v1/models/test", said.replace(prompt.encode(), b"[the prompt]"))
    await at.ask("POST", "/v1/chat/completions", {"model": 5, "messages": prompt}, key=key)
    await at.ask("GET", f"/api/v1/models?q={key}", None, key=key + "x")


async def people(at: Setting) -> None:
    """Signing in, well and badly."""
    link, _ = await at.ask("POST", "/api/v1/links")
    code = at.planted.also("one-time link", link["link"])
    _, opened = await at.ask("POST", "/api/v1/sessions", {"link": code}, key="")
    cookie = opened.headers["set-cookie"].partition(";")[0]
    at.planted.also("session token", cookie.partition("=")[2])
    await at.ask("POST", "/api/v1/sessions", {"link": code}, key="")
    await at.ask("GET", "/api/v1/session", None, key="", cookie=cookie)
    password = at.planted.plant("password", prefix="pw")
    await at.ask("POST", "/api/v1/sessions", {"login": "owner", "password": password}, key="")
    await at.ask("GET", "/api/v1/session", None, key="", authorization=f"Basic {password}")
    for forge in (
        None,
        lambda claims: keep(at, signed({**claims, "aud": "another"})),
        lambda _claims: keep(at, "no.token"),
    ):
        at.corp.forge = forge
        begun, answer = await at.ask("POST", "/api/v1/sign-in/corp", {}, key="")
        at.everywhere.texts.pop("POST /api/v1/sign-in/corp")  # it tells the state to the browser
        cookie = answer.headers["set-cookie"].partition(";")[0]
        at.planted.also("browser's half of a sign-in", cookie.partition("=")[2])
        back = query_of(await at.corp.visit(begun["address"]))
        at.planted.also("code of a sign-in", back["code"])
        path = f"/api/v1/sign-in/corp/callback?code={back['code']}&state={back['state']}&iss={at.corp.issuer}"
        _, done = await at.ask("GET", path, None, key="", cookie=cookie)
        at.everywhere.heard("where it leads", done.headers["location"].encode())
    bearer = at.planted.also("bearer token", at.corp.access_token(aud="hall-api"))
    for told in (bearer, bearer[:-10] + "AAAAAAAAAA", f"{bearer}.x"):
        await at.ask("GET", "/api/v1/status", None, key=told)


def keep(at: Setting, token: str) -> str:
    return at.planted.also("id token", token) if len(token) > 20 else token


async def refusals(at: Setting) -> None:
    """Bodies and paths of the wrong form, with secrets in them."""
    secret = at.planted.plant("secret at the wrong place")
    for path, body in (
        ("/api/v1/keys", {"name": {"x": secret}}),
        ("/api/v1/keys", {"name": "x", "role": secret}),
        ("/api/v1/profiles", {"provider": "openai", "key": [secret]}),
        ("/api/v1/profiles", {"provider": "openai", "kay": secret}),
        ("/api/v1/master-key/rotate", {"new_key": secret}),
        ("/api/v1/sign-in/corp", {"next": {"x": secret}}),
        ("/api/v1/projects", [secret]),
        ("/api/v1/models", {"profile": secret}),
    ):
        await at.ask("POST", path, body)
    await at.ask("GET", "/api/v1/status", None, key="", x_api_key=secret)
    async with at.client.post("/api/v1/keys", data=f'{{"name": "{secret}"', headers={"x-api-key": at.token}) as answer:
        at.everywhere.heard("broken JSON", await answer.read())


async def kept_and_told(at: Setting, folder: Path) -> None:
    """All that can be read of it later: exports, audit, settings, figures, a backup, what the system shows of it."""
    for path in (
        *("/api/v1/export", "/api/v1/audit/export", "/api/v1/audit/export?format=csv", "/api/v1/settings", "/metrics"),
        *("/api/v1/usage", "/api/v1/profiles", "/api/v1/status", "/api/v1/keys", "/api/models"),
    ):
        await at.ask("GET", path)
    assert at.server.process is not None
    at.everywhere.heard("command line", Path(f"/proc/{at.server.process.pid}/cmdline").read_bytes())
    backup = folder / "backup"
    await asyncio.to_thread(at.server.run, "backup", str(backup))
    with zipfile.ZipFile(backup) as archive:
        for name in archive.namelist():
            at.everywhere.heard(f"backup: {name}", archive.read(name))
    # Headers of a profile are no place for secrets: they are kept as they were given, and the guide says so.
    assert at.planted.found_in_any_form(at.everywhere.texts.pop("backup: tables/profiles.jsonl")) == [HEADER]


def look_at_files(everywhere: Everywhere, folder: Path) -> None:
    """The log, the journal, the database with what it writes ahead. Only the run file may hold the operator's token."""
    log = folder / "server.log"
    assert b'"debug"' in everywhere.texts["GET /api/v1/settings"]
    assert b"provider_broke" in log.read_bytes()
    for file in folder.rglob("*"):
        if file.is_file() and file.parent.name != "secrets" and file.name not in {"server.json", "backup"}:
            everywhere.heard(str(file.relative_to(folder)), file.read_bytes())


def test_a_form_of_a_secret_is_found(planted: Canaries) -> None:
    secret = planted.plant("key")
    for form in (secret.encode(), secret.encode().hex().encode(), base64.b64encode(f"user:{secret}".encode())):
        assert planted.found_in_any_form(b"x " + form + b" y") == ["key"]
    assert planted.found_in_any_form(b"nothing") == []
