"""Organisations, members, invitations, passwords and sessions, as people use them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from modelhall.api.app import PREFIX
from modelhall.domain.people import Actor, Role
from modelhall.services.keys.create_key import NewKey, create_key
from modelhall.storage.tables.columns import metadata
from tests.support.asgi import Answer, Client
from tests.support.canaries import Canaries
from tests.support.house import ON_SQLITE, OpenHouse

GOOD = "quartz lantern mosaic ferry"
OTHER = "walnut glacier trombone kite"


def browser_of(client: Client, answer: Answer) -> Client:
    """Who came in by that answer; a page of our own."""
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return Client(client.application, {"cookie": cookie, "sec-fetch-site": "same-origin"}, root_path=PREFIX)


async def invited(admin: Client, login: str, role: str = "member", password: str = GOOD) -> Client:
    """Somebody who accepted an invitation, signed in."""
    made = await admin.post("/invitations", {"login": login, "role": role})
    assert made.status == 201, made.body
    nobody = Client(admin.application, {}, root_path=PREFIX)
    body = {"invitation": made.json["code"], "password": password, "name": login.title()}
    accepted = await nobody.post("/invitations/accept", body)
    assert accepted.status == 204, accepted.body
    return browser_of(nobody, accepted)


async def signed_in(nobody: Client, login: str, password: str = GOOD, **more: str) -> Answer:
    return await nobody.post("/sessions", {"login": login, "password": password, **more})


async def logins(client: Client, **query: bool) -> list[tuple[str, str]]:
    rows = (await client.get("/members" + ("?removed=true" if query else ""))).json["items"]
    return [(row["login"], row["role"]) for row in rows]


async def test_an_invited_person_sets_a_password_and_is_a_member(
    operator: Client, nobody: Client, canaries: Canaries
) -> None:
    made = (await operator.post("/invitations", {"login": "Ada@Example.org", "role": "viewer"})).json
    canaries.also("invitation", made["code"])
    canaries.also("password", GOOD)
    assert (made["login"], made["role"]) == ("ada@example.org", "viewer")
    listed = (await operator.get("/invitations")).json["items"]
    assert [(each["login"], "code" in each) for each in listed] == [("ada@example.org", False)]
    weak = await nobody.post("/invitations/accept", {"invitation": made["code"], "password": "short"})
    assert (weak.status, weak.json["code"]) == (400, "weak_password")
    body = {"invitation": made["code"], "password": GOOD, "name": "Ada"}
    ada = browser_of(nobody, await nobody.post("/invitations/accept", body))
    who = (await ada.get("/session")).json
    assert who["member"] | {"id": ""} == {"id": "", "login": "ada@example.org", "name": "Ada", "role": "viewer"}
    assert (await nobody.post("/invitations/accept", body)).json["code"] == "link_spent"
    assert (await operator.get("/invitations")).json["items"] == []
    assert (await signed_in(nobody, "ADA@example.ORG")).status == 204
    audit = (await operator.get("/audit")).body.decode()
    assert "ada@" not in audit
    assert "Ada" not in audit


@ON_SQLITE
async def test_an_invitation_is_renewed_withdrawn_and_runs_out(
    operator: Client, nobody: Client, house: OpenHouse
) -> None:
    async def accepted(code: str) -> str:
        answer = await nobody.post("/invitations/accept", {"invitation": code, "password": GOOD})
        return "in" if answer.status == 204 else answer.json["code"]

    first = (await operator.post("/invitations", {"login": "ada"})).json
    again = (await operator.post("/invitations", {"login": "ada"})).json
    assert await accepted(first["code"]) == "link_spent", "a second invitation ends the first"
    renewed = (await operator.post(f"/invitations/{again['id']}/renew")).json
    assert await accepted(again["code"]) == "link_spent"
    house.clock.ahead = datetime.now(UTC) + timedelta(days=8)
    assert await accepted(renewed["code"]) == "link_spent"
    renewed = (await operator.post(f"/invitations/{again['id']}/renew")).json
    assert (await operator.delete(f"/invitations/{again['id']}")).status == 204
    assert await accepted(renewed["code"]) == "link_spent"
    assert (await operator.delete(f"/invitations/{again['id']}")).status == 404
    last = (await operator.post("/invitations", {"login": "ada"})).json
    assert await accepted(last["code"]) == "in"
    assert (await operator.post("/invitations", {"login": "ada"})).json["code"] == "already_exists"


async def test_one_account_may_be_in_several_organisations(operator: Client, nobody: Client, house: OpenHouse) -> None:
    owner = browser_of(nobody, await nobody.post("/sessions", {"link": await house.link()}))
    assert (await operator.post("/organisations", {"id": "labs", "name": "Labs"})).status == 201
    ada = await invited(operator, "ada")
    assert [each["id"] for each in (await ada.get("/organisations")).json["items"]] == ["default"]
    assert (await ada.put("/session/organisation", {"organisation": "labs"})).status == 404
    at_labs = browser_of(nobody, await owner.put("/session/organisation", {"organisation": "labs"}))
    assert (await owner.get("/session")).status == 401, "the session before has ended"
    assert (await at_labs.get("/session")).json["organisation"] == {"slug": "labs", "name": "Labs"}
    assert await logins(at_labs) == [("owner", "admin")]
    code = (await at_labs.post("/invitations", {"login": "ada", "role": "admin"})).json["code"]
    wrong = await nobody.post("/invitations/accept", {"invitation": code, "password": OTHER})
    assert wrong.json["code"] == "wrong_password", "the account's own password is asked for"
    other = await invited(operator, "bob")
    assert (await other.post("/session/join", {"invitation": code})).json["code"] == "link_spent"
    assert (await ada.post("/session/join", {"invitation": code})).status == 204
    assert [each["id"] for each in (await ada.get("/organisations")).json["items"]] == ["default", "labs"]
    there = browser_of(nobody, await signed_in(nobody, "ada", organisation="labs"))
    assert (await there.get("/session")).json["member"]["role"] == "admin"
    assert (await there.patch("/organisation", {"name": "The labs"})).json == {"id": "labs", "name": "The labs"}
    assert (await there.post("/organisations", {"id": "more"})).json["code"] == "forbidden"
    assert [each["id"] for each in (await operator.get("/organisations")).json["items"]] == ["default", "labs"]


async def test_roles_change_but_the_last_admin_stays(operator: Client, nobody: Client, house: OpenHouse) -> None:
    bob = await house.member("bob", Role.ADMIN, "labs")
    admin = replace_key(operator, await service_key(house, bob))
    assert (await admin.patch("/members/bob", {"role": "member"})).json["code"] == "last_admin"
    assert (await admin.delete("/members/bob")).json["code"] == "last_admin"
    assert (await admin.post("/members/bob/disable")).json["code"] == "last_admin"
    assert (await admin.delete("/members/bob/person")).json["code"] == "last_admin"
    assert (await operator.patch("/members/owner", {"role": "viewer"})).json["code"] == "conflict"
    ada = await invited(operator, "ada", "viewer")
    changed = await operator.patch("/members/ada", {"role": "admin"})
    assert (changed.status, changed.json["role"]) == (200, "admin")
    assert (await ada.get("/session")).json["code"] == "session_over", "a new role begins with a new session"
    again = browser_of(nobody, await signed_in(nobody, "ada"))
    assert await logins(again) == [("owner", "admin"), ("ada", "admin")]
    assert (await again.delete("/members/owner")).json["code"] == "conflict"


async def test_a_removed_member_is_out_and_may_come_back(operator: Client, nobody: Client) -> None:
    ada = await invited(operator, "ada")
    key = (await ada.post("/keys", {"name": "mine"})).json
    assert (await operator.delete("/members/ada")).status == 204
    assert (await ada.get("/session")).json["code"] == "session_over"
    assert (await signed_in(nobody, "ada")).json["code"] == "wrong_password"
    assert (await operator.get(f"/keys/{key['id']}")).status == 404
    assert await logins(operator) == [("owner", "admin")]
    (gone,) = (await operator.get("/members?removed=true")).json["items"]
    assert (gone["login"], gone["removed_at"] is not None) == ("ada", True)
    assert (await operator.post(f"/members/{gone['id']}/restore")).status == 200
    assert (await signed_in(nobody, "ada")).status == 204


async def test_a_disabled_person_is_out_until_enabled(operator: Client, nobody: Client) -> None:
    ada = await invited(operator, "ada", "admin")
    text = (await operator.post("/keys", {"name": "hers", "owner": "ada", "role": "viewer"})).json["key"]
    with_key = replace_key(operator, text)
    assert (await with_key.get("/session")).json["member"]["role"] == "viewer"
    assert (await operator.post("/members/ada/disable")).json["disabled"] is True
    assert (await ada.get("/session")).json["code"] == "session_over"
    assert (await with_key.get("/session")).json["code"] == "unknown_key"
    assert (await signed_in(nobody, "ada")).json["code"] == "wrong_password"
    assert (await operator.post("/members/ada/enable")).json["disabled"] is False
    assert (await with_key.get("/session")).status == 200
    assert (await signed_in(nobody, "ada")).status == 204


async def test_a_forgotten_person_leaves_only_ids(operator: Client, nobody: Client, house: OpenHouse) -> None:
    ada = await invited(operator, "zoltan@example.org")
    assert (await ada.patch("/preferences", {"model_parameters": {"temperature": 0.3}})).status == 200
    assert (await ada.post("/keys", {"name": "a key", "models": []})).status == 201
    await operator.post("/invitations", {"login": "bob"})
    assert await everything_in(house, "zoltan") == ["accounts", "invitations"]
    member = next(each for each in (await operator.get("/members")).json["items"] if each["login"] != "owner")
    assert (await operator.delete("/members/zoltan@example.org/person")).status == 204
    assert (await signed_in(nobody, "zoltan@example.org")).json["code"] == "wrong_password"
    (gone,) = (await operator.get("/members?removed=true")).json["items"]
    assert (gone["id"], gone["name"]) == (member["id"], "")
    assert (await operator.post(f"/members/{gone['id']}/restore")).status == 404
    assert await everything_in(house, "zoltan") == []
    assert (await operator.get("/invitations")).json["items"][0]["login"] == "bob"
    again = await invited(operator, "zoltan@example.org")
    assert (await again.get("/session")).json["member"]["id"] != member["id"], "a new person by the same login"


async def test_an_admin_cannot_reach_who_is_elsewhere_too(operator: Client, nobody: Client, house: OpenHouse) -> None:
    await invited(operator, "ada")
    owner = browser_of(nobody, await nobody.post("/sessions", {"link": await house.link()}))
    await owner.post("/organisations", {"id": "labs"})
    owner = browser_of(nobody, await owner.put("/session/organisation", {"organisation": "labs"}))
    code = (await owner.post("/invitations", {"login": "ada"})).json["code"]
    assert (await nobody.post("/invitations/accept", {"invitation": code, "password": GOOD})).status == 204
    for method, path in (("POST", "/members/ada/disable"), ("DELETE", "/members/ada/person")):
        assert (await owner.send(method, path)).json["code"] == "conflict", path
    assert (await owner.delete("/members/ada")).status == 204
    assert (await operator.post("/members/ada/disable")).status == 200


async def test_a_password_is_changed_and_other_sessions_end(operator: Client, nobody: Client) -> None:
    here = await invited(operator, "ada")
    there = browser_of(nobody, await signed_in(nobody, "ada"))
    assert (await here.put("/session/password", {"old": OTHER, "new": OTHER})).json["code"] == "wrong_password"
    assert (await here.put("/session/password", {"old": GOOD, "new": "ada" * 6})).json["code"] == "weak_password"
    assert (await here.put("/session/password", {"old": GOOD, "new": OTHER})).status == 204
    assert ((await here.get("/session")).status, (await there.get("/session")).status) == (200, 401)
    assert (await signed_in(nobody, "ada")).status == 401
    assert (await signed_in(nobody, "ada", OTHER)).status == 204
    assert (await operator.put("/session/password", {"new": OTHER})).status == 400


async def test_the_owner_sets_a_first_password_and_signs_in_with_it(nobody: Client, house: OpenHouse) -> None:
    owner = browser_of(nobody, await nobody.post("/sessions", {"link": await house.link()}))
    assert (await owner.put("/session/password", {"new": GOOD})).status == 204
    assert (await owner.put("/session/password", {"new": OTHER})).json["code"] == "wrong_password"
    assert (await signed_in(nobody, "owner")).status == 204


async def test_sessions_are_listed_and_ended(operator: Client, nobody: Client) -> None:
    first = await invited(operator, "ada")
    second = browser_of(nobody, await nobody.post("/sessions", {"login": "ada", "password": GOOD}, user_agent="B"))
    third = browser_of(nobody, await signed_in(nobody, "ada"))
    items = (await second.get("/sessions")).json["items"]
    assert [(each["current"], each["user_agent"]) for each in items].count((True, "B")) == 1
    other = next(each["id"] for each in (await first.get("/sessions")).json["items"] if each["current"])
    bob = await invited(operator, "bob")
    assert (await bob.delete(f"/sessions/{other}")).status == 404
    assert (await second.delete(f"/sessions/{other}")).status == 204
    assert (await first.get("/session")).status == 401
    assert (await second.delete("/sessions")).json == {"ended": 1}
    assert ((await second.get("/session")).status, (await third.get("/session")).status) == (200, 401)


@ON_SQLITE
async def test_signing_in_again_never_keeps_the_token(operator: Client, nobody: Client) -> None:
    ada = await invited(operator, "ada")
    planted = replace(nobody, headers={"cookie": "__Host-modelhall=planted", "sec-fetch-site": "same-origin"})
    fresh = browser_of(nobody, await signed_in(planted, "ada"))
    assert "planted" not in fresh.headers["cookie"]
    again = browser_of(nobody, await signed_in(ada, "ada"))
    assert (await ada.get("/session")).status == 401, "the session before ended"
    assert (await again.get("/session")).status == 200


async def test_guesses_are_slowed_down_whoever_is_guessed(operator: Client, nobody: Client, house: OpenHouse) -> None:
    await invited(operator, "ada")
    told: dict[str, list[Any]] = {}
    for login in ("ada", "nobody-at-all"):
        answers = [await signed_in(nobody, login, OTHER) for _ in range(7)]
        told[login] = [(each.status, {**each.json, "request_id": ""}) for each in answers]
    assert told["ada"] == told["nobody-at-all"], "nothing tells whether a login exists"
    assert [status for status, _ in told["ada"]] == [401] * 5 + [429] * 2
    right = await signed_in(nobody, "ada")
    assert (right.status, right.headers["retry-after"]) == (429, "1"), "a right one waits too"
    house.clock.ahead = datetime.now(UTC) + timedelta(seconds=5)
    assert (await signed_in(nobody, "ada")).status == 204
    assert (await signed_in(nobody, "ada", OTHER)).status == 401, "and begins anew"


@ON_SQLITE
async def test_an_address_is_slowed_down_too(nobody: Client) -> None:
    statuses = [(await signed_in(nobody, f"login-{number}", OTHER)).status for number in range(52)]
    assert statuses == [401] * 50 + [429] * 2
    assert (await signed_in(replace(nobody, client="127.0.0.2"), "login-0", OTHER)).status == 401


@ON_SQLITE
@pytest.mark.parametrize(
    ("login", "password"),
    [("ada", ""), ("ada", "\x00"), ("ada", GOOD + "\x00"), ("ada", "x" * 1_000_000), ("\x00", GOOD), ("", GOOD)],
    ids=["empty", "nul", "nul at the end", "a megabyte", "nul as login", "no login"],
)
async def test_odd_passwords_open_nothing(operator: Client, nobody: Client, login: str, password: str) -> None:
    await invited(operator, "ada")
    assert (await signed_in(nobody, login, password)).status in {400, 401}


@ON_SQLITE
async def test_a_password_is_the_same_on_every_keyboard(operator: Client, nobody: Client) -> None:
    await invited(operator, "ada", password="Zoë’s ﬁve tall ships")
    assert (await signed_in(nobody, "ada", "Zoe\u0308’s five tall ships")).status == 204
    assert (await signed_in(nobody, "ａｄａ", "Zoë’s five tall ships")).status == 204


@ON_SQLITE
@pytest.mark.parametrize(
    "weak",
    ["", "short", "aaaaaaaaaaaaaaaaaaaa", "passwordpassword", "123456789012345678", "qwertyuiopasdfgh",
     "ada@example.orgada", "abcabcabcabcabcabc", "x" * 300],
)  # fmt: skip
async def test_weak_passwords_are_refused_with_what_helps(operator: Client, nobody: Client, weak: str) -> None:
    code = (await operator.post("/invitations", {"login": "ada@example.org"})).json["code"]
    refused = await nobody.post("/invitations/accept", {"invitation": code, "password": weak})
    assert (refused.status, refused.json["code"]) == (400, "weak_password")
    assert "15" in refused.json["next"]


async def test_the_operator_gives_a_new_way_in(operator: Client, nobody: Client) -> None:
    ada = await invited(operator, "ada")
    await operator.post("/members/ada/disable")
    told = (await operator.post("/access/reset", {"login": "Ada"})).json
    assert (await ada.get("/session")).status == 401
    again = browser_of(nobody, await nobody.post("/sessions", {"link": told["link"]}))
    assert (await again.get("/session")).json["member"]["login"] == "ada"
    told = (await operator.post("/access/reset", {"login": "ada", "password": OTHER})).json
    assert (told["link"], told["sessions_ended"]) == (None, 1)
    assert (await signed_in(nobody, "ada", OTHER)).status == 204
    assert (await operator.post("/access/reset", {"login": "none"})).status == 404
    assert (await again.post("/access/reset", {"login": "ada"})).status == 401


async def service_key(house: OpenHouse, actor: Actor) -> str:
    """A key of the actor's own role."""
    return (await create_key(house.house, actor, NewKey(name="service", role=actor.role.word))).text


def replace_key(client: Client, text: str) -> Client:
    """The same application, called with a key."""
    return Client(client.application, {"authorization": f"Bearer {text}"}, root_path=PREFIX)


async def everything_in(house: OpenHouse, word: str) -> list[str]:
    """In which tables a word stands, whatever the column."""
    async with house.database.read() as connection:
        return [
            table.name
            for table in metadata.sorted_tables
            if any(word in repr(row).lower() for row in (await connection.execute(sa.select(table))).all())
        ]
