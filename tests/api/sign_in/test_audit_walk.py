"""Every route that says it changes something is walked once, and leaves the row in the audit that it says."""

from __future__ import annotations

from typing import Any

from modelhall.api.app import PREFIX, openapi_document
from modelhall.storage import profiles
from tests.api.sign_in.conftest import Browser
from tests.support.asgi import Answer, Client
from tests.support.house import TOKEN, OpenHouse
from tests.support.oidc import LocalProvider

KEY = "sk-fedcba9876543210"
CUSTOM = {"profile": "work", "model_id": "own-model"}
ELSEWHERE = {
    # Only begins; what ends it is walked.
    "post /sign-in/{id}": "get /sign-in/{id}/callback",
    # Needs a provider that shows what its model can do: tests/api/test_trials.py.
    "post /models/probe": "model.probe",
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
    ("delete /projects/{id}", "/projects/web", None),
    ("patch /preferences", "/preferences", {"default_model": "work/gpt-4.1-nano"}),
    ("post /keys", "/keys", {"name": "app"}),
    ("delete /keys/{key}", "/keys/app", None),
    ("post /profiles", "/profiles", {"provider": "openai", "id": "other", "key": KEY}),
    ("delete /profiles/{id}", "/profiles/other", None),
    ("post /profiles/{id}/restore", "/profiles/other/restore", None),
    ("post /local/install", "/local/install", None),
    ("post /links", "/links", None),
    ("post /backup", "/backup", None),
    ("post /master-key/rotate", "/master-key/rotate", None),
    ("post /sign-in/{id}/people", "/sign-in/corp/people", {"subject": "x", "login": "owner"}),
    ("delete /sign-in/{id}/people/{name}", "/sign-in/corp/people/x", None),
]


def declared() -> dict[str, str]:
    """The audit word of each route that has one."""
    return {
        f"{method} {path}": operation["x-policy"]["audit"]
        for path, operations in openapi_document()["paths"].items()
        for method, operation in operations.items()
        if operation["x-policy"]["audit"] != "none"
    }


async def test_every_route_that_changes_something_leaves_its_row(
    nobody: Client, browser: Browser, provider: LocalProvider, house: OpenHouse
) -> None:
    operator = Client(nobody.application, {"authorization": f"Bearer {TOKEN}"}, root_path=PREFIX, scheme="https")
    words, walked, wrong = declared(), set[str](), list[str]()

    async def left(route: str, answer: Answer) -> None:
        """What the step left in the audit since the last one."""
        rows = (await operator.get("/audit?limit=20")).json["items"]
        fresh = [row["action"] for row in rows if row["sequence"] > seen[0]]
        seen[0] = rows[0]["sequence"] if rows else 0
        walked.add(route)
        if answer.status >= 400 or words[route] not in fresh:
            wrong.append(f"{route}: {answer.status} left {fresh} instead of {words[route]}: {answer.body!r:.200}")

    seen = [(await operator.get("/audit?limit=1")).json["items"][0]["sequence"]]
    for route, path, body in STEPS:
        if route.endswith("/accept"):
            await refuse_a_key(house)
        await left(route, await operator.send(route.partition(" ")[0].upper(), path, body))
    await left("get /sign-in/{id}/callback", await browser.sign_in(provider))
    await left("delete /session", await browser.send("DELETE", "/session"))
    opened = await browser.send("POST", "/sessions", {"link": await house.link()})
    await left("post /sessions", opened)
    assert wrong == []
    assert words.keys() - walked - ELSEWHERE.keys() == set(), "a new route with an audit word: write its step"
    verdicts = (await operator.get("/audit/verify")).json["items"]
    assert [each["whole"] for each in verdicts] == [True]


async def refuse_a_key(house: OpenHouse) -> None:
    """As if the provider had refused the second key."""
    async with house.database.change(house.operator) as change:
        found = await profiles.profile_by_slug(change.connection, house.operator.organisation_id, "work")
        assert found is not None
        await profiles.mark_secret_refused(change.connection, found.secrets[-1].id, "by a test")
        await change.audit("profile.key_refused", "profile", found.id, "work")
