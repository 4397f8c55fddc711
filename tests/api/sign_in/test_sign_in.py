"""Signing in by a provider: the whole way with a real one, who is let in as what, and what the audit keeps of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modelhall.api.app import PREFIX
from modelhall.domain.people import Role
from modelhall.domain.sign_in import SignInProvider
from modelhall.storage import members
from tests.api.sign_in.conftest import PUBLIC, Browser, configured
from tests.support.asgi import Client
from tests.support.canaries import Canaries
from tests.support.house import ON_SQLITE, TOKEN, OpenHouse
from tests.support.oidc import LocalProvider, curve_key, query_of, rsa_key, signed


@pytest.fixture
def operator(nobody: Client) -> Client:
    return Client(nobody.application, {"authorization": f"Bearer {TOKEN}"}, root_path=PREFIX)


async def test_a_person_signs_in_by_a_provider(
    browser: Browser, provider: LocalProvider, operator: Client, canaries: Canaries
) -> None:
    provider.person["groups"] = ["staff", "others"]
    listed = await browser.send("GET", "/sign-in")
    assert listed.json == {"items": [{"id": "corp", "name": "Example Corp"}]}
    address = await browser.begin(next="/?view=models")
    asked = query_of(address)
    assert asked["redirect_uri"] == f"{PUBLIC}/api/v1/sign-in/corp/callback"
    assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43
    back = await provider.visit(address)
    done = await browser.come_back(back)
    for what, secret in (("state", asked["state"]), ("code", query_of(back)["code"]), *browser.cookies.items()):
        canaries.also(what, secret)
    assert (done.status, done.headers["location"]) == (303, f"{PUBLIC}/?view=models")
    who = (await browser.send("GET", "/session")).json
    assert (who["member"]["login"], who["member"]["name"], who["member"]["role"]) == ("ada", "Ada", "member")
    assert who["via"] == "session"
    assert set(browser.cookies) == {"__Host-modelhall"}
    rows = (await operator.get("/audit?limit=3")).json["items"]
    assert [row["action"] for row in rows] == ["session.open", "member.add", "account.create"]
    assert {row["actor"] for row in rows} == {"sign-in"}


async def test_the_second_time_the_same_person_has_the_same_account_and_the_role_of_now(
    browser: Browser, new_browser: Any, provider: LocalProvider, operator: Client
) -> None:
    await browser.sign_in(provider)
    first = (await browser.send("GET", "/session")).json["member"]
    assert first["role"] == "viewer"
    provider.person |= {"preferred_username": "ada-lovelace", "groups": ["hall-admins"]}
    again = new_browser()
    await again.sign_in(provider)
    second = (await again.send("GET", "/session")).json["member"]
    assert (second["id"], second["login"], second["role"]) == (first["id"], "ada", "admin")
    changed = (await operator.get("/audit?kind=member&limit=1")).json["items"][0]
    assert (changed["before"], changed["after"]) == ({"role": "viewer"}, {"role": "admin", "by": "corp"})


@ON_SQLITE
@pytest.mark.parametrize(
    "algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "P-256", "P-384", "P-521", "Ed25519"]
)
async def test_every_family_of_algorithms_with_public_keys_is_taken(
    browser: Browser, provider: LocalProvider, algorithm: str
) -> None:
    if algorithm[0] in "RP" and algorithm[1] == "S":
        provider.forge = lambda claims: signed(claims, rsa_key(), alg=algorithm)
    else:
        provider.keys = [curve_key(algorithm)]
    assert (await browser.sign_in(provider)).headers["location"] == f"{PUBLIC}/"
    assert browser.is_in


@ON_SQLITE
async def test_a_client_without_a_secret_is_known_by_pkce_alone(
    browser: Browser, provider: LocalProvider, providers: dict[str, SignInProvider]
) -> None:
    provider.secret = None
    providers["corp"] = configured(provider, client_secret=None)
    await browser.sign_in(provider)
    assert browser.is_in


@ON_SQLITE
async def test_the_secret_goes_into_the_form_where_the_provider_wants_it_there(
    browser: Browser, provider: LocalProvider
) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    await browser.sign_in(provider)
    assert browser.is_in


@ON_SQLITE
async def test_claims_may_lead_into_an_organisation_and_deeper_into_objects(
    browser: Browser, provider: LocalProvider, providers: dict[str, SignInProvider], house: OpenHouse
) -> None:
    providers["corp"] = configured(
        provider,
        role_claim="realm_access.roles",
        default_role=None,
        organisation=None,
        organisation_claim="https://corp.example/unit",
        organisations={"research": "lab"},
    )
    await house.member("boss", Role.ADMIN, "lab")
    unit = {"https://corp.example/unit": "research"}
    for person, inside in (
        (unit, False),
        ({"realm_access": {"roles": ["staff"]}}, False),
        (unit | {"realm_access": {"roles": ["staff"]}}, True),
    ):
        provider.person = {"sub": "person-1", **person}
        await browser.sign_in(provider)
        assert browser.is_in is inside
    who = (await browser.send("GET", "/session")).json
    assert (who["organisation"]["slug"], who["member"]["login"]) == ("lab", "corp:person-1")


@ON_SQLITE
@pytest.mark.parametrize("verified", [True, False, None, "true"])
async def test_an_account_is_never_taken_over_by_its_login_or_mail(
    browser: Browser, provider: LocalProvider, house: OpenHouse, verified: object
) -> None:
    await house.member("ada@corp.example", Role.ADMIN)
    provider.person |= {"email": "ada@corp.example", "email_verified": verified, "preferred_username": "owner"}
    answer = await browser.sign_in(provider)
    assert answer.headers["location"] == f"{PUBLIC}/#problem=not_a_member"
    assert not browser.is_in


async def test_an_operator_links_people_who_had_an_account_before(
    browser: Browser, provider: LocalProvider, house: OpenHouse, operator: Client
) -> None:
    provider.person["preferred_username"] = "owner"
    await browser.sign_in(provider)
    assert not browser.is_in
    link = {"subject": "person-1", "login": "owner"}
    assert (await operator.post("/sign-in/corp/people", link)).status == 204
    assert (await operator.post("/sign-in/corp/people", link)).json["code"] == "already_exists"
    assert (await operator.post("/sign-in/corp/people", {"subject": "x", "login": "none"})).status == 404
    await browser.sign_in(provider)
    who = (await browser.send("GET", "/session")).json["member"]
    assert (who["login"], who["role"]) == ("owner", "admin")  # the house's own account keeps its role
    people = (await operator.get("/sign-in/corp/people")).json["items"]
    assert [(person["subject"], person["login"]) for person in people] == [("person-1", "owner")]
    assert (await operator.delete("/sign-in/corp/people/person-1")).status == 204
    assert (await operator.delete("/sign-in/corp/people/person-1")).status == 404
    stranger = Browser(browser.client)
    await stranger.sign_in(provider)
    assert not stranger.is_in


@ON_SQLITE
async def test_who_was_taken_out_or_disabled_does_not_come_back_by_signing_in(
    browser: Browser, new_browser: Any, provider: LocalProvider, house: OpenHouse
) -> None:
    await browser.sign_in(provider)
    member = (await browser.send("GET", "/session")).json["member"]["id"]
    async with house.database.write() as connection:
        await members.remove_member(connection, member)
    again = new_browser()
    await again.sign_in(provider)
    assert not again.is_in
    async with house.database.write() as connection:
        account = await members.account_by_login(connection, "ada")
        assert account is not None
        await members.insert_member(
            connection, organisation_id=house.operator.organisation_id, account=account, role=Role.VIEWER
        )
        await members.update_account(connection, replace(account, disabled=True))
    await again.sign_in(provider)
    assert not again.is_in


@ON_SQLITE
async def test_nobody_gets_an_account_where_the_operator_did_not_say_so(
    browser: Browser, provider: LocalProvider, providers: dict[str, SignInProvider]
) -> None:
    providers["corp"] = configured(provider, auto_create=False)
    answer = await browser.sign_in(provider)
    assert answer.headers["location"].endswith("#problem=not_a_member")
    assert not browser.is_in


async def test_a_provider_that_changed_its_keys_is_asked_again_but_seldom(
    browser: Browser, new_browser: Any, provider: LocalProvider, house: OpenHouse
) -> None:
    await browser.sign_in(provider)
    provider.keys = [rsa_key("second")]
    asked = provider.asked.count("/keys")
    early = new_browser()
    await early.sign_in(provider)
    assert not early.is_in  # asked a moment ago
    house.clock.ahead = datetime.now(UTC) + timedelta(seconds=31)
    for _ in range(3):
        later = new_browser()
        await later.sign_in(provider)
        assert later.is_in
    provider.forge = lambda claims: signed(claims, rsa_key("of-nobody"))
    for _ in range(5):
        await new_browser().sign_in(provider)
    assert provider.asked.count("/keys") == asked + 1


async def test_a_provider_that_does_not_answer_is_told_and_signing_in_works_again_afterwards(
    browser: Browser, provider: LocalProvider, house: OpenHouse
) -> None:
    issuer, provider.metadata = provider.issuer, {"issuer": "https://other.example"}
    answer = await browser.send("POST", "/sign-in/corp")
    assert (answer.status, answer.json["code"]) == (503, "sign_in_unavailable")
    assert "another issuer" in answer.json["detail"]
    provider.metadata = {"issuer": issuer}
    house.clock.ahead = datetime.now(UTC) + timedelta(seconds=31)
    await browser.sign_in(provider)
    assert browser.is_in


@ON_SQLITE
async def test_an_operator_tries_a_provider_and_reads_what_is_wrong(operator: Client, provider: LocalProvider) -> None:
    good = await operator.post("/sign-in/corp/test")
    assert good.json["redirect_uri"] == f"{PUBLIC}/api/v1/sign-in/corp/callback"
    provider.published = []
    assert "lists no keys" in (await operator.post("/sign-in/corp/test")).json["detail"]
    assert (await operator.post("/sign-in/none/test")).status == 404


@ON_SQLITE
async def test_over_a_way_that_others_can_read_signing_in_is_refused_with_ways_out(browser: Browser) -> None:
    browser.client.scheme, browser.client.client = "http", "203.0.113.9"
    answer = await browser.send("POST", "/sign-in/corp", {})
    assert answer.status == 403
    assert all(way in answer.json["detail"] for way in ("certificate", "proxy", "insecure_http"))
