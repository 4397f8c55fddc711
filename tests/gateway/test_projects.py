"""What a project, a member and a switched-off profile mean for the calls of a key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from modelhall.domain.people import Project
from modelhall.storage import members, profiles, projects
from modelhall.storage.projects import ProjectDraft
from tests.gateway.hall import Hall
from tests.storage.ledger_seeds import rows

ASK: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]}
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
RATES = {"input": "1", "output": "2"}


async def project(hall: Hall, slug: str = "web", **more: Any) -> Project:
    async with hall.database.change(hall.actor) as change:
        draft = ProjectDraft(organisation_id=hall.organisation.id, slug=slug, name=slug, **more)
        made = await projects.insert_project(change.connection, draft)
        await change.audit("project.create", "project", made.id, slug)
    return made


async def test_a_keys_models_are_those_that_its_project_allows_too(hall: Hall) -> None:
    one, two, three = [await hall.model(name, RATES) for name in ("one", "two", "three")]
    web = await project(hall, models=(one.id, two.id))
    every = await hall.key(project_id=web.id)
    some = await hall.key(project_id=web.id, models=(two.id, three.id))

    async def statuses(key: str) -> list[int]:
        return [
            (await hall.call(CHAT, {**ASK, "model": f"mock/{name}"}, key)).status for name in ("one", "two", "three")
        ]

    assert await statuses(every) == [200, 200, 404]
    assert await statuses(some) == [404, 200, 404]
    listed = (await hall.get("/v1/models", some)).json["data"]
    assert [entry["id"] for entry in listed] == ["mock/two"]


async def test_a_change_of_the_project_reaches_its_keys_at_once(hall: Hall) -> None:
    one, two = [await hall.model(name, RATES) for name in ("one", "two")]
    web = await project(hall, models=(one.id,))
    key = await hall.key(project_id=web.id)
    assert (await hall.call(CHAT, {**ASK, "model": "mock/two"}, key)).status == 404
    async with hall.database.change(hall.actor) as change:
        web = await projects.update_project(change.connection, replace(web, models=(two.id,)))
        await change.audit("project.edit", "project", web.id, web.slug)
    assert (await hall.call(CHAT, {**ASK, "model": "mock/two"}, key)).status == 200
    assert (await hall.call(CHAT, {**ASK, "model": "mock/one"}, key)).status == 404


async def test_a_key_of_a_project_that_is_gone_calls_nothing(hall: Hall) -> None:
    await hall.model("one", RATES)
    web = await project(hall)
    key = await hall.key(project_id=web.id)
    assert (await hall.call(CHAT, {**ASK, "model": "mock/one"}, key)).status == 200
    async with hall.database.change(hall.actor) as change:
        await projects.delete_project(change.connection, web.id)
        await change.audit("project.delete", "project", web.id, web.slug)
    assert (await hall.call(CHAT, {**ASK, "model": "mock/one"}, key)).status == 404


async def test_the_default_is_the_keys_then_the_members_then_the_projects_then_the_organisations(hall: Hall) -> None:
    own, members_, projects_, organisations_ = [
        await hall.model(name, RATES) for name in ("own", "members", "projects", "organisations")
    ]
    await hall.default(organisations_)
    web = await project(hall, default_model_id=projects_.id)
    bare = await project(hall, "bare")

    async def answers(key: str) -> str:
        return (await hall.call(CHAT, ASK, key)).headers["x-modelhall-model"]

    with_own = await hall.key(project_id=web.id, default_model_id=own.id)
    in_web, in_bare, alone = [await hall.key(project_id=each) for each in (web.id, bare.id, None)]
    assert [await answers(key) for key in (with_own, in_web, in_bare, alone)] == [
        "mock/own", "mock/projects", "mock/organisations", "mock/organisations",
    ]  # fmt: skip
    async with hall.database.change(hall.actor) as change:
        await members.update_member(change.connection, replace(hall.owner, default_model_id=members_.id))
        await change.audit("member.edit", "member", hall.owner.id, hall.owner.login)
    assert [await answers(key) for key in (with_own, in_web, in_bare, alone)] == [
        "mock/own", "mock/members", "mock/members", "mock/members",
    ]  # fmt: skip


async def test_a_default_that_the_key_may_not_call_is_passed_over(hall: Hall) -> None:
    one, two = [await hall.model(name, RATES) for name in ("one", "two")]
    await hall.default(two)
    web = await project(hall, default_model_id=one.id)
    key = await hall.key(project_id=web.id, models=(two.id,))
    assert (await hall.call(CHAT, ASK, key)).headers["x-modelhall-model"] == "mock/two"


async def test_the_projects_parameters_fill_what_a_call_leaves_open(hall: Hall) -> None:
    await hall.model("one", RATES)
    web = await project(hall, parameters={"temperature": 0, "max_tokens": 50, "stop": ["END"]})
    key = await hall.key(project_id=web.id)
    ask = {**ASK, "model": "mock/one"}
    await hall.call(CHAT, ask, key)
    await hall.call(CHAT, {**ask, "temperature": 1, "max_completion_tokens": 9, "stop": None}, key)
    await hall.call(MESSAGES, {**ask, "max_tokens": 7}, key)
    await hall.call(MESSAGES, {**ask, "max_tokens": 7, "thinking": {"type": "enabled", "budget_tokens": 1024}}, key)
    plain, said, messages, thinking = [sent.json for sent in hall.provider.sent]
    assert (plain["temperature"], plain["max_tokens"], plain["stop"]) == (0, 50, ["END"])
    assert (said["temperature"], said["stop"], "max_tokens" in said) == (1, None, False)
    assert (messages["temperature"], messages["max_tokens"], messages["stop_sequences"]) == (0, 7, ["END"])
    assert "temperature" not in thinking


async def test_the_receipt_names_what_was_the_projects(hall: Hall) -> None:
    await hall.model("one", RATES)
    web = await project(hall, parameters={"temperature": 0.5})
    key = await hall.key(project_id=web.id)
    await hall.call(CHAT, {**ASK, "model": "mock/one"}, key)
    await hall.settled()
    (row,) = await rows(hall.database)
    assert row["receipt"]["temperature"] == "the project's"
    assert row["project_id"] == web.id


async def test_the_models_of_a_profile_that_is_switched_off_say_why_and_come_back(hall: Hall) -> None:
    await hall.model("one", RATES)
    key = await hall.key()

    async def switch(at: datetime | None) -> None:
        async with hall.database.change(hall.actor) as change:
            profile = await profiles.get_profile(change.connection, hall.profiles["mock"])
            assert profile is not None
            await profiles.update_profile(change.connection, replace(profile, disabled_at=at))
            await change.audit("profile.edit", "profile", profile.id, profile.slug)

    await switch(datetime.now(UTC))
    refused = await hall.call(CHAT, {**ASK, "model": "mock/one"}, key)
    assert (refused.status, refused.json["error"]["code"]) == (403, "model_quarantined")
    assert "modelhall profile enable mock" in refused.json["error"]["message"]
    assert (await hall.get("/v1/models", key)).json["data"] == []
    await switch(None)
    assert (await hall.call(CHAT, {**ASK, "model": "mock/one"}, key)).status == 200
