"""A real OpenID Connect provider on loopback: discovery, keys, the code flow with PKCE, and what a test makes of it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from aiohttp import ClientSession, web
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

Claims = dict[str, Any]
AnyKey = RSAKey | ECKey | OKPKey
CLIENT, AUDIENCE = "modelhall", "modelhall-api"


@cache
def rsa_key(name: str = "first", bits: int = 2048) -> RSAKey:
    """A key pair, made once for the run."""
    return RSAKey.generate_key(bits, {"kid": name})


@cache
def curve_key(curve: str) -> AnyKey:
    """A key pair on that curve, made once for the run."""
    if curve == "Ed25519":
        return OKPKey.generate_key(curve, {"kid": curve})
    return ECKey.generate_key(curve, {"kid": curve})  # pyright: ignore[reportArgumentType] - a name out of a list


def text_of(raw: bytes | Mapping[str, Any]) -> str:
    """base64url, of bytes or of JSON."""
    data = raw if isinstance(raw, bytes) else json.dumps(raw, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: Mapping[str, Any] | bytes, key: AnyKey | None = None, **header: Any) -> str:
    """A token with that header (RS256 and the key's id unless it says otherwise), signed with the key."""
    key = key or rsa_key()
    head = {"alg": "RS256", "kid": key.kid, "typ": "JWT"} | header
    head = {name: value for name, value in head.items() if value is not None}
    first = f"{text_of(head)}.{text_of(claims)}"
    name = "Ed25519" if head["alg"] == "EdDSA" else head["alg"]
    return f"{first}.{text_of(JWSRegistry.algorithms[name].sign(first.encode(), key))}"


@dataclass(slots=True)
class Code:
    """What a code stands for."""

    redirect_uri: str
    challenge: str
    nonce: str
    used: bool = False


@dataclass(slots=True)
class LocalProvider:
    """The provider. Fields are knobs: a test turns them while it runs."""

    issuer: str = ""
    secret: str | None = "the-clients-secret"
    person: Claims = field(default_factory=lambda: {"sub": "person-1", "preferred_username": "ada", "name": "Ada"})
    keys: list[AnyKey] = field(default_factory=lambda: [rsa_key()])
    published: list[dict[str, Any]] | None = None
    """The list of keys as it goes out, where it is not that of `keys`."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the description says otherwise; `None` takes it out."""
    forge: Callable[[Claims], str] | None = None
    """Makes the sign-in's token out of the honest claims."""
    answer: Callable[[], web.Response] | None = None
    """Answers everything, instead of it all."""
    silent_s: float = 0
    issuer_in_answer: bool = True
    codes: dict[str, Code] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for."""

    def claims(self, **more: Any) -> Claims:
        """Honest claims of a sign-in just made, and what the test says otherwise; `None` takes one out."""
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **self.person, **more}
        return {name: value for name, value in told.items() if value is not None}

    def access_token(self, **more: Any) -> str:
        """A token for the control API."""
        return signed(self.claims(**{"aud": AUDIENCE, **more}), self.keys[0], typ="at+jwt")

    async def visit(self, address: str) -> str:
        """What a browser is sent on to after the person has said yes at that address."""
        async with ClientSession() as browser, browser.get(address, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            return answer.headers["location"]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        await asyncio.sleep(self.silent_s)
        if self.answer is not None:
            return self.answer()
        routes = {
            "/.well-known/openid-configuration": self._describe,
            "/keys": self._list_keys,
            "/authorize": self._authorize,
            "/token": self._token,
        }
        return await routes[request.path](request)

    async def _describe(self, _request: web.Request) -> web.Response:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.issuer_in_answer,
        } | self.metadata
        return web.json_response({name: value for name, value in told.items() if value is not None})

    async def _list_keys(self, _request: web.Request) -> web.Response:
        own = [key.as_dict(private=False) | {"use": "sig"} for key in self.keys]
        return web.json_response({"keys": own if self.published is None else self.published})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(asked["redirect_uri"], asked["code_challenge"], asked["nonce"])
        told = {"code": code, "state": asked["state"]} | ({"iss": self.issuer} if self.issuer_in_answer else {})
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(told)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._is_client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        code = self.codes.get(form.get("code", ""))
        proof = text_of(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if code is None or code.used or code.redirect_uri != form.get("redirect_uri") or proof != code.challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        code.used = True
        claims = self.claims(nonce=code.nonce)
        token = self.forge(claims) if self.forge else signed(claims, self.keys[0], **self._algorithm())
        return web.json_response({"access_token": "an-access-token", "token_type": "Bearer", "id_token": token})

    def _algorithm(self) -> dict[str, str]:
        key = self.keys[0]
        names = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}
        return {} if isinstance(key, RSAKey) else {"alg": names[key.curve_name]}

    def _is_client(self, request: web.Request, form: Mapping[str, str]) -> bool:
        if self.secret is None:
            return form.get("client_id") == CLIENT
        scheme, _, word = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            name, _, secret = base64.b64decode(word).decode().partition(":")
            return (unquote(name), unquote(secret)) == (CLIENT, self.secret)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, self.secret)


@asynccontextmanager
async def local_provider(port: int = 0) -> AsyncGenerator[LocalProvider]:
    """The provider, while the context lasts."""
    provider = LocalProvider()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", provider.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()


@contextmanager
def provider_in_a_thread() -> Generator[LocalProvider]:
    """The same, for tests without an event loop of their own."""
    started: Future[LocalProvider] = Future()
    over = asyncio.Event()

    async def live() -> None:
        async with local_provider() as provider:
            loops.append(asyncio.get_running_loop())
            started.set_result(provider)
            await over.wait()

    loops: list[asyncio.AbstractEventLoop] = []
    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    try:
        yield started.result(30)
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join()


def query_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
