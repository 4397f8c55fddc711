"""Signing in with a one-time link, the cookie, and pages of other origins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelhall.api.app import PREFIX, Way, create_control_api
from tests.support.asgi import Answer, Client
from tests.support.canaries import Canaries
from tests.support.house import ON_SQLITE, OpenHouse

SAME = {"sec_fetch_site": "same-origin"}


def cookie_of(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


@pytest.fixture
async def browser(nobody: Client, house: OpenHouse) -> Client:
    """Somebody who came in by the link."""
    opened = await nobody.post("/sessions", {"link": await house.link()}, **SAME)
    assert opened.status == 204
    return Client(nobody.application, {"cookie": cookie_of(opened)}, root_path=PREFIX)


async def test_a_link_opens_one_session(nobody: Client, house: OpenHouse, canaries: Canaries) -> None:
    code = canaries.plant("link", prefix="")
    assert (await nobody.post("/sessions", {"link": code})).status == 401
    code = canaries.also("link", await house.link())
    opened = await nobody.post("/sessions", {"link": code}, user_agent="A browser")
    canaries.also("session", cookie_of(opened).partition("=")[2])
    assert opened.status == 204
    cookie = opened.headers["set-cookie"]
    assert cookie.startswith("__Host-modelhall=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    again = await nobody.post("/sessions", {"link": code})
    assert (again.status, "set-cookie" in again.headers) == (401, False)


async def test_the_operator_may_have_a_new_link_made(operator: Client, nobody: Client, canaries: Canaries) -> None:
    made = await operator.post("/links")
    assert made.status == 201
    link = canaries.also("link", made.json["link"])
    assert link not in (await operator.get("/audit")).body.decode()
    assert (await nobody.post("/sessions", {"link": link})).status == 204


async def test_a_link_is_good_for_a_quarter_of_an_hour(nobody: Client, house: OpenHouse) -> None:
    code = await house.link()
    house.clock.ahead = datetime.now(UTC) + timedelta(minutes=15, seconds=1)
    assert (await nobody.post("/sessions", {"link": code})).status == 401


async def test_the_session_acts_as_the_owner(browser: Client) -> None:
    who = (await browser.get("/session")).json
    assert (who["member"]["login"], who["member"]["role"], who["via"]) == ("owner", "admin", "session")
    assert who["organisation"] == {"slug": "default", "name": "Default"}
    made = await browser.post("/keys", {"name": "from-the-page"}, **SAME)
    assert made.status == 201
    rows = (await browser.get("/audit")).json["items"]
    assert [(row["action"], row["actor"]) for row in rows[:2]] == [("key.create", "session"), ("session.open", "link")]


async def test_signing_out_ends_the_session_on_the_server(browser: Client) -> None:
    closed = await browser.delete("/session", **SAME)
    assert closed.status == 204
    assert "Max-Age=0" in closed.headers["set-cookie"]
    answer = await browser.get("/session")
    assert (answer.status, answer.json["code"]) == (401, "session_over")


async def test_only_a_session_can_be_signed_out(operator: Client) -> None:
    assert (await operator.delete("/session")).status == 404


@ON_SQLITE
@pytest.mark.parametrize("later", [timedelta(hours=12, seconds=5), timedelta(days=7, seconds=5)], ids=str)
async def test_a_session_that_is_not_used_runs_out(browser: Client, house: OpenHouse, later: timedelta) -> None:
    house.clock.ahead = datetime.now(UTC) + later
    assert (await browser.get("/session")).json["code"] == "session_over"


async def test_a_session_in_use_lives_on_but_not_for_ever(browser: Client, house: OpenHouse) -> None:
    start = datetime.now(UTC)
    for hours in range(10, 168, 10):
        house.clock.ahead = start + timedelta(hours=hours)
        assert (await browser.get("/session")).status == 200, hours
    house.clock.ahead = start + timedelta(days=7, seconds=5)
    assert (await browser.get("/session")).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8400.evil.example"}, 403),
        ({"origin": "http://127.0.0.1:8401"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": "https://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:8400"}, 201),
        ({"sec_fetch_site": "same-origin"}, 201),
    ],
    ids=str,
)
async def test_a_change_with_a_cookie_must_come_from_the_own_page(
    browser: Client, headers: dict[str, str], status: int
) -> None:
    assert (await browser.post("/keys", {"name": "a"}, **headers)).status == status
    assert (await browser.get("/keys", **headers)).status == 200


@ON_SQLITE
async def test_a_form_cannot_make_a_change(browser: Client) -> None:
    form = await browser.post("/keys", b'{"name": "a"}', content_type="text/plain", **SAME)
    assert form.status == 400
    assert (await browser.get("/keys")).json["items"] == []


@ON_SQLITE
async def test_a_foreign_page_cannot_sign_somebody_in(nobody: Client, house: OpenHouse) -> None:
    code = await house.link()
    foreign = await nobody.post("/sessions", {"link": code}, origin="https://evil.example")
    assert (foreign.status, foreign.json["code"]) == (403, "foreign_origin")
    assert (await nobody.post("/sessions", {"link": code})).status == 204


@ON_SQLITE
async def test_a_key_needs_no_origin_because_no_page_knows_it(operator: Client) -> None:
    assert (await operator.post("/keys", {"name": "a"}, sec_fetch_site="cross-site")).status == 201


@ON_SQLITE
async def test_behind_a_proxy_the_public_address_is_the_own_one(house: OpenHouse) -> None:
    app = create_control_api(house.house, Way(public_url="https://models.example/hall"))
    browser = Client(app, {}, root_path=PREFIX, scheme="https")
    link = {"link": await house.link()}
    assert (await browser.post("/sessions", link, origin="http://127.0.0.1:8400")).status == 403
    assert (await browser.post("/sessions", link, origin="https://models.example")).status == 204


@ON_SQLITE
async def test_nobody_signs_in_where_others_can_read_along(nobody: Client, house: OpenHouse) -> None:
    code = await house.link()
    far = replace(nobody, client="192.0.2.7", server="192.0.2.1")
    refused = await far.post("/sessions", {"link": code})
    assert refused.status == 403
    assert "insecure_http" in refused.json["detail"]
    assert (await replace(far, scheme="https").post("/sessions", {"link": code})).status == 204
    plain = replace(far, application=create_control_api(house.house, Way(insecure_http=True)))
    opened = await plain.post("/sessions", {"link": await house.link()})
    assert opened.headers["set-cookie"].startswith("modelhall=")
    assert "Secure" not in opened.headers["set-cookie"]
    cookie = {"cookie": cookie_of(opened)}
    assert (await replace(plain, headers=cookie).get("/session")).status == 200


@ON_SQLITE
async def test_two_different_keys_are_refused(operator: Client) -> None:
    answer = await operator.get("/session", x_api_key="mh_other")
    assert (answer.status, answer.json["code"]) == (400, "two_keys")


@ON_SQLITE
@pytest.mark.parametrize("presented", ["nonsense", "mh_" + "0" * 49, "the-operators-token-of-this-star"])
async def test_what_is_no_key_is_refused(nobody: Client, presented: str) -> None:
    answer = await nobody.get("/session", authorization=f"Bearer {presented}")
    assert (answer.status, answer.json["code"]) == (401, "unknown_key")
