"""Attacks on the way of a sign-in: nobody comes in, nobody is linked, and honest people still come in afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from aiohttp import web

from modelhall.api.app import PREFIX
from modelhall.domain.sign_in import SignInProvider
from modelhall.services.sign_in import outside
from modelhall.services.sign_in.issuer import Issuers
from tests.api.sign_in.conftest import PUBLIC, Browser, configured
from tests.support.asgi import Answer
from tests.support.house import ON_SQLITE, OpenHouse
from tests.support.oidc import LocalProvider, local_provider, query_of, signed

OVER = f"{PUBLIC}/#problem=sign_in_over"
New = Callable[[], Browser]

pytestmark = ON_SQLITE


async def back(browser: Browser, provider: str = "corp", **query: str) -> Answer:
    """A browser comes back with that query."""
    return await browser.send("GET", f"/sign-in/{provider}/callback?{urlencode(query)}")


async def test_a_state_that_is_missing_invented_or_used_is_refused(browser: Browser, provider: LocalProvider) -> None:
    address = await provider.visit(await browser.begin())
    told = query_of(address)
    kept = dict(browser.cookies)
    for wrong in (
        {},
        {"state": ""},
        {"state": "x" * 43},
        {"state": told["state"][:-1]},
        {"state": told["state"] + "="},
    ):
        browser.cookies = dict(kept)
        given = {name: value for name, value in told.items() if name != "state"} | wrong
        assert (await back(browser, **given)).headers["location"] == OVER, wrong
    browser.cookies = dict(kept)
    await browser.come_back(address)
    assert browser.is_in
    browser.cookies = dict(kept)  # the same answer once more, with all that the browser had
    assert (await browser.come_back(address)).headers["location"] == OVER
    assert not browser.is_in


async def test_another_browser_cannot_finish_a_sign_in(
    browser: Browser, new_browser: New, provider: LocalProvider
) -> None:
    """Neither with a stolen answer, nor by planting one's own in somebody's browser."""
    thief, victim = new_browser(), browser
    stolen = await provider.visit(await victim.begin())
    assert (await thief.come_back(stolen)).headers["location"] == OVER
    await thief.begin()
    assert (await thief.come_back(stolen)).headers["location"] == OVER
    planted = await provider.visit(await thief.begin())
    assert (await victim.come_back(planted)).headers["location"] == OVER
    assert not thief.is_in
    assert not victim.is_in


async def test_a_code_of_another_sign_in_is_refused(
    browser: Browser, new_browser: New, provider: LocalProvider
) -> None:
    """PKCE: the code belongs to the sign-in that asked for it, even with a state of one's own."""
    stolen = query_of(await provider.visit(await browser.begin()))["code"]
    thief = new_browser()
    own = query_of(await provider.visit(await thief.begin()))
    answer = await back(thief, **(own | {"code": stolen}))
    assert answer.headers["location"].endswith("#problem=token_refused")
    assert not thief.is_in


async def test_a_code_is_good_once(browser: Browser, provider: LocalProvider) -> None:
    first = query_of(await provider.visit(await browser.begin()))
    await back(browser, **first)
    assert browser.is_in
    browser.cookies.clear()
    own = query_of(await provider.visit(await browser.begin()))
    await back(browser, **(own | {"code": first["code"]}))
    assert not browser.is_in


async def test_a_token_of_an_earlier_sign_in_is_not_taken_in_another(
    browser: Browser, new_browser: New, provider: LocalProvider
) -> None:
    kept: list[dict[str, Any]] = []

    def keep(claims: dict[str, Any]) -> str:
        kept.append(claims)
        return signed(claims)

    provider.forge = keep
    await browser.sign_in(provider)
    assert browser.is_in
    provider.forge = lambda _claims: signed(kept[0])
    other = new_browser()
    await other.sign_in(provider)
    assert not other.is_in


async def test_a_sign_in_ends_after_ten_minutes(browser: Browser, provider: LocalProvider, house: OpenHouse) -> None:
    address = await provider.visit(await browser.begin())
    house.clock.ahead = datetime.now(UTC) + timedelta(minutes=10, seconds=1)
    assert (await browser.come_back(address)).headers["location"] == OVER


async def test_two_providers_are_never_mixed_up(
    browser: Browser, provider: LocalProvider, providers: dict[str, SignInProvider]
) -> None:
    async with local_provider() as evil:
        providers["evil"] = configured(evil, id="evil")
        at_corp = query_of(await provider.visit(await browser.begin("corp")))
        kept = dict(browser.cookies)
        assert (await back(browser, "evil", **at_corp)).headers["location"] == OVER  # state of the other one
        for issuer in (evil.issuer, "", "https://other.example", provider.issuer + "/"):
            browser.cookies = {}
            own = query_of(await provider.visit(await browser.begin("corp")))
            await back(browser, "corp", **(own | {"iss": issuer}))
            assert not browser.is_in, issuer
        own = query_of(await provider.visit(await browser.begin("corp")))
        await back(browser, "corp", **{name: value for name, value in own.items() if name != "iss"})
        assert not browser.is_in  # it says that it names itself, and did not
        # The other one hands out the first one's addresses: its code and token are of another issuer.
        evil.metadata = {"authorization_endpoint": f"{provider.issuer}/authorize"}
        mixed = query_of(await provider.visit(await browser.begin("evil")))
        await back(browser, "evil", **mixed)
        assert not browser.is_in
        assert evil.asked.count("/token") == 0
        assert set(kept) == {"__Host-modelhall-sign-in"}
        await browser.sign_in(provider)
        assert browser.is_in


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/%5cevil.example/..", "", "evil",
     "/\tevil", "/ evil", "/\nSet-Cookie: x=y", "/\u2028", "javascript:alert(1)", "/x\u0000", "///evil.example",
     "@evil.example"],
)  # fmt: skip
async def test_nobody_is_led_to_another_server(browser: Browser, provider: LocalProvider, path: str) -> None:
    answer = await browser.send("POST", "/sign-in/corp", {"next": path})
    if answer.status == 200:
        answer = await browser.come_back(await provider.visit(answer.json["address"]))
        assert urlsplit(answer.headers["location"])[:2] == ("https", "models.example")
        assert answer.headers["location"].startswith(f"{PUBLIC}/")
    else:
        assert (answer.status, answer.json["code"]) == (400, "bad_request")


async def test_the_callback_takes_no_address_to_go_to(browser: Browser, provider: LocalProvider) -> None:
    address = await provider.visit(await browser.begin())
    answer = await browser.come_back(f"{address}&next=//evil.example&redirect_uri=https://evil.example")
    assert answer.headers["location"] == f"{PUBLIC}/"


async def test_methods_are_not_interchangeable(browser: Browser, provider: LocalProvider) -> None:
    address = await provider.visit(await browser.begin())
    path = address.removeprefix(PUBLIC + PREFIX)
    for method in ("POST", "PUT", "HEAD", "DELETE"):
        assert (await browser.send(method, path)).status == 405
    form = {"content-type": "application/x-www-form-urlencoded"}
    posted = await browser.send("POST", path.partition("?")[0], urlsplit(address).query.encode(), **form)
    assert posted.status == 405
    assert (await browser.send("GET", "/sign-in/corp")).status == 405
    assert not browser.is_in


async def test_a_foreign_page_cannot_begin_a_sign_in(browser: Browser) -> None:
    for site in ("cross-site", "same-site", "none"):
        answer = await browser.send("POST", "/sign-in/corp", {}, **{"sec-fetch-site": site})
        assert answer.json["code"] == "foreign_origin"
    foreign = await browser.send("POST", "/sign-in/corp", {}, **{"origin": "https://evil.example"})
    assert foreign.json["code"] == "foreign_origin"
    assert browser.cookies == {}


async def test_what_a_provider_says_is_told_in_our_own_words(browser: Browser, provider: LocalProvider) -> None:
    told = query_of(await provider.visit(await browser.begin()))
    error = {"error": "<script>alert(1)</script>", "error_description": "call 555-0100", "state": told["state"]}
    answer = await back(browser, iss=provider.issuer, **error)
    assert answer.headers["location"] == f"{PUBLIC}/#problem=not_a_member"
    assert b"script" not in answer.body


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://other.example"},
    "no token endpoint": {"token_endpoint": None},
    "no keys": {"jwks_uri": None},
    "keys over plain http elsewhere": {"jwks_uri": "http://192.0.2.1/keys"},
    "keys in a private network": {"jwks_uri": "https://10.0.0.1/keys"},
    "keys at the metadata service": {"jwks_uri": "https://169.254.169.254/keys"},
    "a token endpoint that is a file": {"token_endpoint": "file:///etc/passwd"},
    "a script for a page": {"authorization_endpoint": "javascript:alert(1)"},
    "a user in the address": {"token_endpoint": "https://a@b.example/token"},
    "no PKCE": {"code_challenge_methods_supported": ["plain"]},
    "addresses that are lists": {"jwks_uri": ["https://x.example"]},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_description_is_not_followed(browser: Browser, provider: LocalProvider, lie: str) -> None:
    provider.metadata = LIES[lie]
    answer = await browser.send("POST", "/sign-in/corp", {})
    assert (answer.status, answer.json["code"]) == (503, "sign_in_unavailable")


BROKEN: dict[str, Callable[[], web.Response]] = {
    "no JSON": lambda: web.Response(text="<html>"),
    "a list": lambda: web.json_response([1]),
    "deep JSON": lambda: web.Response(text='{"a":' + "[" * 5000 + "]" * 5000 + "}"),
    "too much": lambda: web.Response(body=b" " * (outside.MOST_BYTES + 1)),
    "an error": lambda: web.Response(status=500, text="{}"),
    "a redirect": lambda: web.Response(status=302, headers={"location": "/.well-known/openid-configuration"}),
    "compressed": lambda: web.Response(body=b"x", headers={"content-encoding": "gzip"}),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_broken_provider_lets_nobody_in_and_is_asked_again_later(
    browser: Browser, provider: LocalProvider, house: OpenHouse, how: str
) -> None:
    provider.answer = BROKEN[how]
    assert (await browser.send("POST", "/sign-in/corp", {})).json["code"] == "sign_in_unavailable"
    provider.answer = None
    assert (await browser.send("POST", "/sign-in/corp", {})).json["code"] == "sign_in_unavailable"
    assert len(provider.asked) == 1
    house.house.memory.of(Issuers).known.clear()
    address = await provider.visit(await browser.begin())
    provider.answer = BROKEN[how]
    await browser.come_back(address)
    assert not browser.is_in
    provider.answer = None
    await browser.sign_in(provider)
    assert browser.is_in


async def test_a_provider_that_says_nothing_is_given_up(
    browser: Browser, provider: LocalProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The deadline is a constant of the module; a test cannot wait for its ten seconds.
    monkeypatch.setattr(outside, "DEADLINES", outside.Deadlines(connect=1, first_byte=0.2, idle=0.2, total=1))
    provider.silent_s = 3
    async with asyncio.timeout(3):
        answer = await browser.send("POST", "/sign-in/corp", {})
    assert answer.json["code"] == "sign_in_unavailable"


async def test_many_sign_ins_that_nobody_finishes_do_not_pile_up(browser: Browser, house: OpenHouse) -> None:
    for _ in range(20):
        await browser.begin()
    house.clock.ahead = datetime.now(UTC) + timedelta(minutes=11)
    await browser.begin()
    assert len(await rows(house)) == 1


async def rows(house: OpenHouse) -> list[Any]:
    async with house.database.read() as connection:
        found = await connection.exec_driver_sql("SELECT digest FROM sign_ins")
        return list(found)
