"""Every route that says it changes something is walked once, and leaves the row in the audit that it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from modelhall.api.app import PREFIX, openapi_document
from modelhall.storage import profiles
from modelhall.storage.tables.system import audit
from tests.api.sign_in.conftest import Browser
from tests.gateway.upstream import scripted
from tests.support.asgi import Answer, Client
from tests.support.house import TOKEN, OpenHouse
from tests.support.oidc import LocalProvider

KEY = "sk-fedcba9876543210"
PASSWORD = "quartz lantern mosaic ferry"
NEW_PASSWORD = "walnut glacier trombone kite"
CUSTOM = {"profile": "work", "model_id": "own-model"}
EVIDENCE = {"value": True, "reference": "contract DPA-7", "dated": "2026-01-02"}
PRICES = {"input_per_mtok": "1", "output_per_mtok": "2"}
FILE = '[[profile]]\nid = "of-a-file"\nprovider = "openai"\n'
FOREIGN = '{"providers": [{"id": "foreign", "provider": {"name": "openai"}}]}'
ELSEWHERE = {
    # Only begins; what ends it is walked.
    "post /sign-in/{id}": "get /sign-in/{id}/callback",
}
# Route, where it is called, and with what; in an order in which each finds what it needs.
STEPS: list[tuple[str, str, Any]] = [
    ("post /profiles", "/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"}),
    ("patch /profiles/{id}", "/profiles/work", {"notes": "x"}),
    ("post /profiles/{id}/keys", "/profiles/work/keys", {"key": KEY}),
    ("post /profiles/{id}/keys/{key}/accept", "/profiles/work/keys/…3210/accept", None),
    ("delete /profiles/{id}/keys/{key}", "/profiles/work/keys/…3210", None),
    ("post /profiles/{id}/sync", "/profiles/work/sync", {"models": ["gpt-4.1", "gpt-4.1-nano"], "activate": True}),
    ("patch /models/{name}", "/models/work/gpt-4.1", {"hidden": True}),
    ("post /model-undo/{name}", "/model-undo/work/gpt-4.1", {}),
    ("post /models/batch", "/models/batch", {"action": "hide", "models": ["work/gpt-4.1"]}),
    ("put /default-model", "/default-model", {"model": "work/gpt-4.1-nano"}),
    ("put /prices/{name}", "/prices/work/gpt-4.1", {"input_per_mtok": "1"}),
    ("put /aliases/{name}", "/aliases/fast", {"models": ["work/gpt-4.1"]}),
    ("delete /aliases/{name}", "/aliases/fast", None),
    ("put /collections/{name}", "/collections/set", {"models": ["work/gpt-4.1"]}),
    ("delete /collections/{name}", "/collections/set", None),
    ("delete /models/{name}", "/models/work/gpt-4.1", None),
    ("post /deleted-models/{name}", "/deleted-models/work/gpt-4.1", None),
    ("post /models", "/models", CUSTOM),
    ("patch /library-settings", "/library-settings", {"activate_on_sync": True}),
    ("post /projects", "/projects", {"id": "web", "name": "Web"}),
    ("patch /projects/{id}", "/projects/web", {"notes": "x"}),
    ("put /projects/{id}/policy", "/projects/web/policy", {"no_training": True}),
    ("delete /projects/{id}", "/projects/web", None),
    ("patch /preferences", "/preferences", {"default_model": "work/gpt-4.1-nano"}),
    ("post /keys", "/keys", {"name": "app"}),
    ("put /keys/{key}/policy", "/keys/app/policy", {"no_training": True}),
    ("delete /keys/{key}", "/keys/app", None),
    ("post /profiles", "/profiles", {"provider": "openai", "id": "other", "key": KEY}),
    ("delete /profiles/{id}", "/profiles/other", None),
    ("post /profiles/{id}/restore", "/profiles/other/restore", None),
    ("put /evidence/{fact}/{name}", "/evidence/no_training/other", EVIDENCE),
    ("delete /evidence/{fact}/{name}", "/evidence/no_training/other", None),
    ("put /policy", "/policy", {"ceiling_usd_per_mtok": "1000"}),
    ("patch /organisation", "/organisation", {"name": "The hall"}),
    ("post /configuration/apply", "/configuration/apply", {"name": "hall.toml", "text": FILE}),
    ("post /configuration/undo", "/configuration/undo", None),
    ("post /imports/{program}", "/imports/aiderdesk", {"files": [{"name": "settings.json", "text": FOREIGN}]}),
    ("post /export", "/export", {"passphrase": "long enough a phrase"}),
    ("post /local/install", "/local/install", None),
    ("post /links", "/links", None),
    ("post /backup", "/backup", None),
    ("post /master-key/rotate", "/master-key/rotate", None),
    ("post /sign-in/{id}/people", "/sign-in/corp/people", {"subject": "x", "login": "owner"}),
    ("delete /sign-in/{id}/people/{name}", "/sign-in/corp/people/x", None),
]


@dataclass(slots=True)
class Walk:
    """Who walks, and what was left in the audit until now."""

    house: OpenHouse
    operator: Client
    words: dict[str, str]
    walked: set[str] = field(default_factory=set[str])
    seen: set[str] = field(default_factory=set[str])

    async def step(self, who: Client | Browser, route: str, body: object = None, **names: str) -> Answer:
        """Calls the route with these names in its path."""
        method, _, path = route.partition(" ")
        return await self.left(route, await who.send(method.upper(), path.format(**names), body))

    async def left(self, route: str, answer: Answer) -> Answer:
        """The answer, when the route's row is new in the audit of any organisation."""
        fresh = await self.fresh()
        told = f"{route}: {answer.status} left {fresh} instead of {self.words[route]}: {answer.body!r:.200}"
        assert answer.status < 400, told
        assert self.words[route] in fresh, told
        self.walked.add(route)
        return answer

    async def fresh(self) -> list[str]:
        """What was written since it was asked last."""
        async with self.house.database.read() as connection:
            rows = {row.id: row.action for row in await connection.execute(sa.select(audit.c.id, audit.c.action))}
        fresh = [action for id, action in rows.items() if id not in self.seen]
        self.seen |= rows.keys()
        return fresh


def declared() -> dict[str, str]:
    """The audit word of each route that has one."""
    return {
        f"{method} {path}": operation["x-policy"]["audit"]
        for path, operations in openapi_document()["paths"].items()
        for method, operation in operations.items()
        if operation["x-policy"]["audit"] != "none"
    }


async def test_every_route_that_changes_something_leaves_its_row(
    nobody: Client, new_browser: Callable[[], Browser], provider: LocalProvider, house: OpenHouse
) -> None:
    operator = Client(nobody.application, {"authorization": f"Bearer {TOKEN}"}, root_path=PREFIX, scheme="https")
    walk = Walk(house, operator, declared())
    await walk.fresh()
    for route, path, body in STEPS:
        if route.endswith("/accept"):
            await refuse_a_key(house)
        await walk.left(route, await operator.send(route.partition(" ")[0].upper(), path, body))
    await a_trial_is_rated(walk)
    await people_come(walk, new_browser(), new_browser())
    await a_person_signs_out(walk, new_browser)
    await members_go(walk)
    browser = new_browser()
    await walk.left("get /sign-in/{id}/callback", await browser.sign_in(provider))
    await walk.step(browser, "delete /session")
    assert walk.words.keys() - walk.walked - ELSEWHERE.keys() == set(), "a new route with an audit word: write its step"
    verdicts = (await operator.get("/audit/verify")).json["items"]
    assert [each["whole"] for each in verdicts] == [True, True]


async def refuse_a_key(house: OpenHouse) -> None:
    """As if the provider had refused the second key."""
    async with house.database.change(house.operator) as change:
        found = await profiles.profile_by_slug(change.connection, house.operator.organisation_id, "work")
        assert found is not None
        await profiles.mark_secret_refused(change.connection, found.secrets[-1].id, "by a test")
        await change.audit("profile.key_refused", "profile", found.id, "work")


async def a_trial_is_rated(walk: Walk) -> None:
    """At a provider that answers."""
    async with scripted() as server:
        place = {"provider": "openai-compatible", "id": "up", "base_url": server.address, "allow_private": True}
        await walk.step(walk.operator, "post /profiles", {**place, "key": KEY})
        await walk.step(walk.operator, "post /models", {"profile": "up", "model_id": "small", "prices": PRICES})
        await walk.step(walk.operator, "post /models/probe", {"model": "up/small", "only": ["streaming"]})
        trial = await walk.operator.post("/models/test", {"model": "up/small"})
        await walk.step(walk.operator, "put /calls/{id}/verdict", {"rating": 4}, id=trial.json["call"])


async def people_come(walk: Walk, owner: Browser, ada: Browser) -> None:
    """Ada is invited, and then by a second organisation."""
    withdrawn = await walk.step(walk.operator, "post /invitations", {"login": "bob"})
    await walk.step(walk.operator, "delete /invitations/{id}", id=withdrawn.json["id"])
    invited = await walk.step(walk.operator, "post /invitations", {"login": "ada"})
    renewed = await walk.step(walk.operator, "post /invitations/{id}/renew", id=invited.json["id"])
    body = {"invitation": renewed.json["code"], "password": PASSWORD}
    await walk.step(ada, "post /invitations/accept", body)
    await walk.step(walk.operator, "post /organisations", {"id": "labs"})
    await walk.step(owner, "post /sessions", {"link": await walk.house.link()})
    await walk.step(owner, "put /session/organisation", {"organisation": "labs"})
    second = await walk.step(owner, "post /invitations", {"login": "ada"})
    await walk.step(ada, "post /session/join", {"invitation": second.json["code"]})
    await walk.step(ada, "put /session/password", {"old": PASSWORD, "new": NEW_PASSWORD})


async def a_person_signs_out(walk: Walk, new_browser: Callable[[], Browser]) -> None:
    """Of the places where she is."""
    here, *elsewhere = [new_browser() for _ in range(3)]
    for browser in (here, *elsewhere):
        await walk.step(browser, "post /sessions", {"login": "ada", "password": NEW_PASSWORD})
    other = next(each for each in (await here.send("GET", "/sessions")).json["items"] if not each["current"])
    await walk.step(here, "delete /sessions/{id}", id=other["id"])
    ended = await walk.step(here, "delete /sessions")
    assert ended.json["ended"] > 0
    for browser in elsewhere:
        assert (await browser.send("GET", "/session")).status == 401


async def members_go(walk: Walk) -> None:
    """Each way in which an admin parts with somebody, and takes them back."""
    ada = (await walk.operator.get("/members/ada")).json["id"]
    await walk.step(walk.operator, "patch /members/{id}", {"role": "viewer"}, id=ada)
    await walk.step(walk.operator, "post /members/{id}/disable", id=ada)
    await walk.step(walk.operator, "post /members/{id}/enable", id=ada)
    await walk.step(walk.operator, "post /access/reset", {"login": "ada"})
    await walk.step(walk.operator, "delete /members/{id}", id=ada)
    await walk.step(walk.operator, "post /members/{id}/restore", id=ada)
    await walk.step(walk.operator, "delete /members/{id}/person", id=ada)
