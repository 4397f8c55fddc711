"""Forged tokens, at sign-in and as bearers: none is taken, and none breaks anything."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from modelhall.api.compat.app import create_compat_api
from modelhall.domain.sign_in import SignInProvider
from modelhall.services.sign_in.issuer import Issuers
from tests.api.sign_in.conftest import PUBLIC, Browser, configured
from tests.api.sign_in.forgeries import Forgery, by_claims, by_form, by_header, by_signature
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse
from tests.support.oidc import AUDIENCE, CLIENT, LocalProvider, curve_key, rsa_key, signed

AT_SIGN_IN: Mapping[str, Mapping[str, Any]] = {
    "no nonce": {"nonce": None},
    "another nonce": {"nonce": "x" * 43},
    "nonce is a number": {"nonce": 1},
    "nonce is a list": {"nonce": ["x"]},
    "no iat": {"iat": None},
    "an hour old": {"iat": int(time.time()) - 3600},
    "for two, without azp": {"aud": [CLIENT, "another"]},
    "for two, azp another": {"aud": [CLIENT, "another"], "azp": "another"},
    "for us, azp another": {"azp": "another"},
    "azp is a list": {"azp": [CLIENT]},
    "the API's audience": {"aud": AUDIENCE},
    "another access token": {"at_hash": "x" * 22},
    "at_hash is a number": {"at_hash": 5},
}
AS_BEARER: Mapping[str, Mapping[str, Any]] = {
    "a sign-in's audience": {"aud": CLIENT},
    "with a nonce": {"nonce": "x"},
    "with at_hash": {"at_hash": "x"},
}
KINDS = ("at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt")


def forgeries(changes: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Forgery]]:
    for family in (by_header(), by_signature(), by_form(), by_claims(changes)):
        yield from family


@ON_SQLITE
async def test_no_forged_token_signs_anybody_in(browser: Browser, provider: LocalProvider, house: OpenHouse) -> None:
    tried = list(forgeries(AT_SIGN_IN)) + [(kind, lambda claims, kind=kind: signed(claims, typ=kind)) for kind in KINDS]
    taken: list[str] = []
    for name, forge in tried:
        provider.forge = forge
        answer = await browser.sign_in(provider)
        # An answer of that size is not even read to its end.
        problem = "sign_in_unavailable" if name == "1 MB" else "token_refused"
        if browser.is_in or answer.headers["location"] != f"{PUBLIC}/#problem={problem}":
            taken.append(f"{name}: {answer.headers}")
            browser.cookies.clear()
    assert taken == []
    assert len(tried) >= 130
    provider.forge = None
    await browser.sign_in(provider)
    assert browser.is_in
    print(f"{len(tried)} forged tokens at sign-in, {len(taken)} taken")


@ON_SQLITE
async def test_no_forged_bearer_token_opens_the_api(nobody: Client, provider: LocalProvider) -> None:
    tried = list(forgeries(AS_BEARER))
    honest = {"aud": AUDIENCE, "groups": ["hall-admins"]}
    taken: list[str] = []
    for name, forge in tried:
        token = forge(provider.claims(**honest))
        sent = token.encode("utf-8", "replace").decode("latin-1").replace("\n", " ") or "x"
        answer = await nobody.get("/session", authorization=f"Bearer {sent}")
        if answer.status not in {400, 401} and not (name == "a line end behind it" and token.strip() == sent.strip()):
            taken.append(f"{name}: {answer.status} {answer.body!r}")
    assert taken == []
    assert len(tried) >= 120
    good = await nobody.get("/session", authorization=f"Bearer {provider.access_token(**honest)}")
    assert good.status == 200, good.body
    print(f"{len(tried)} forged bearer tokens, {len(taken)} taken")


@ON_SQLITE
@pytest.mark.filterwarnings("ignore:Key size")
async def test_a_key_that_is_not_for_signing_signs_nothing(
    browser: Browser, provider: LocalProvider, house: OpenHouse
) -> None:
    weak, other = rsa_key("weak", 1024), curve_key("P-256")
    lists: list[list[dict[str, Any]]] = [
        [rsa_key().as_dict(private=False) | {"use": "enc"}],
        [rsa_key().as_dict(private=False) | {"alg": "PS256"}],
        [rsa_key().as_dict(private=False) | {"kty": "oct", "k": "AAAA"}],
        [rsa_key().as_dict(private=False) | {"n": "AQAB"}],
        [rsa_key().as_dict(private=False) | {"n": 5}],
        [rsa_key().as_dict(private=False) | {"kid": None}],
        [other.as_dict(private=False) | {"kid": "first"}],
        [{"kid": "first"}],
    ]
    for provider.published in lists:
        house.house.memory.of(Issuers).known.clear()
        await browser.sign_in(provider)
        assert not browser.is_in, provider.published
    provider.published = [weak.as_dict(private=False)]
    provider.forge = lambda claims: signed(claims, weak)
    house.house.memory.of(Issuers).known.clear()
    await browser.sign_in(provider)
    assert not browser.is_in


async def test_a_bearer_token_acts_with_the_role_that_its_claims_give(
    nobody: Client, provider: LocalProvider, house: OpenHouse
) -> None:
    for groups, role, may in (([], "viewer", 403), (["staff"], "member", 403), (["hall-admins"], "admin", 200)):
        headers = {"authorization": f"Bearer {provider.access_token(groups=groups)}"}
        who = (await nobody.get("/session", **headers)).json
        assert (who["member"]["login"], who["member"]["role"], who["via"]) == ("ada", role, "token")
        assert (await nobody.get("/audit", **headers)).status == may
    admin = {"authorization": f"Bearer {provider.access_token(groups=['hall-admins'])}"}
    assert (await nobody.post("/projects", {"id": "by-token"}, **admin)).status == 201
    row = (await nobody.get("/audit?limit=1", **admin)).json["items"][0]
    assert (row["action"], row["actor"]) == ("project.create", "token")


@ON_SQLITE
async def test_a_bearer_token_of_somebody_without_a_place_is_refused(
    nobody: Client, provider: LocalProvider, providers: dict[str, SignInProvider]
) -> None:
    providers["corp"] = configured(provider, auto_create=False)
    headers = {"authorization": f"Bearer {provider.access_token()}"}
    assert (await nobody.get("/session", **headers)).json["code"] == "not_a_member"
    providers["corp"] = configured(provider, default_role=None)
    assert (await nobody.get("/session", **headers)).json["code"] == "not_a_member"
    providers["corp"] = configured(provider, audience=None)
    assert (await nobody.get("/session", **headers)).json["code"] == "unknown_key"
    providers["corp"] = configured(provider, organisation="none")
    assert (await nobody.get("/session", **headers)).json["code"] == "not_a_member"


@ON_SQLITE
async def test_older_programs_routes_take_bearer_tokens_too(house: OpenHouse, provider: LocalProvider) -> None:
    from_compat = Client(create_compat_api(house.house), {}, root_path="/api", scheme="https")
    token = provider.access_token(groups=["hall-admins"])
    assert (await from_compat.get("/admin/models", authorization=f"Bearer {token}")).status == 200
    assert (await from_compat.get("/admin/models", authorization=f"Bearer {token}x")).status == 401
