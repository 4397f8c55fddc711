"""What a project, a member and a switched-off profile mean for the calls of a key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from modelhall.domain.library import Model
from modelhall.domain.people import Project
from modelhall.storage import members, models, profiles, projects
from modelhall.storage.picture import MODEL_PARAMETERS
from modelhall.storage.projects import ProjectDraft
from modelhall.storage.settings import write_setting
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
    assert row["receipt"]["temperature"] == "0.5: stored for the project"
    assert row["project_id"] == web.id


async def test_the_callers_word_counts_then_its_members_its_projects_the_models_and_the_profiles(hall: Hall) -> None:
    stored = {"temperature": 0.3, "top_p": 0.3, "presence_penalty": 0.3}
    await hall.model("one", RATES, parameters={"stored": stored})
    web = await project(hall, parameters={"temperature": 0.2, "top_p": 0.2})
    async with hall.database.change(hall.actor) as change:
        mine: Any = {"temperature": 0.1}
        await write_setting(change.connection, hall.organisation.id, MODEL_PARAMETERS, mine, hall.owner.id)
        profile = await profiles.get_profile(change.connection, hall.profiles["mock"])
        assert profile is not None
        every: dict[str, object] = {**stored, "frequency_penalty": 0.4, "max_tokens": 44}
        await profiles.update_profile(change.connection, replace(profile, parameters=every))
        await change.audit("profile.edit", "profile", profile.id, profile.slug)
    await hall.call(CHAT, {**ASK, "model": "mock/one", "max_tokens": 5}, await hall.key(project_id=web.id))
    await hall.settled()
    (row,) = await rows(hall.database)
    whose = {"your own stored value", "stored for the project", "stored for this model", "stored for its profile"}
    assert {name: word for name, word in row["receipt"].items() if word.partition(": ")[2] in whose} == {
        "temperature": "0.1: your own stored value",
        "top_p": "0.2: stored for the project",
        "presence_penalty": "0.3: stored for this model",
        "frequency_penalty": "0.4: stored for its profile",
    }
    sent = hall.provider.sent[-1].json
    assert (sent["temperature"], sent["top_p"], sent["presence_penalty"]) == (0.1, 0.2, 0.3)
    assert (sent["frequency_penalty"], sent["max_tokens"]) == (0.4, 5)


async def test_a_stored_limit_makes_the_hold_as_small_as_the_callers_own_would(hall: Hall) -> None:
    await hall.model("one", {"input": "0", "output": "1000"})
    web = await project(hall, parameters={"max_tokens": 300})
    await hall.call(CHAT, {**ASK, "model": "mock/one"}, await hall.key("0.31", project_id=web.id))
    await hall.settled()
    (row,) = await rows(hall.database)
    assert (row["bound"], hall.provider.sent[-1].json["max_tokens"]) == (300_000_000, 300)
    assert "output_limit" not in row["receipt"]


async def test_where_no_default_is_set_the_model_answers_that_the_member_named_last(hall: Hall) -> None:
    one, two = [await hall.model(name, RATES) for name in ("one", "two")]
    key = await hall.key()

    async def answers() -> str:
        await hall.settled()
        await hall.gateway.lookout.poll()
        return (await hall.call(CHAT, ASK, key)).headers.get("x-modelhall-model", "nothing")

    assert await answers() == "nothing"
    for name in ("one", "two"):
        await hall.call(CHAT, {**ASK, "model": f"mock/{name}"}, key)
        assert await answers() == f"mock/{name}"
    await hall.settled()
    assert (await rows(hall.database))[-1]["receipt"]["default"] == "the model used last, because no default is set"
    await switch_off(hall, two)
    assert await answers() == "nothing", "what may not be called answers nobody"
    await hall.default(one)
    assert await answers() == "mock/one"
    await hall.settled()
    assert (await rows(hall.database))[-1]["receipt"]["default"] == "the organisation's default"


async def switch_off(hall: Hall, model: Model) -> None:
    async with hall.database.change(hall.actor) as change:
        await models.update_model(change.connection, replace(model, active=False))
        await change.audit("model.edit", "model", model.id, model.public_name)


async def test_a_profiles_default_answers_to_its_name_and_gives_way_to_a_model_of_that_name(hall: Hall) -> None:
    one = await hall.model("one", RATES)
    key = await hall.key()
    ask = {**ASK, "model": "mock/default"}
    assert (await hall.call(CHAT, ask, key)).status == 404
    async with hall.database.change(hall.actor) as change:
        profile = await profiles.get_profile(change.connection, hall.profiles["mock"])
        assert profile is not None
        await profiles.update_profile(change.connection, replace(profile, default_model_id=one.id))
        await change.audit("profile.edit", "profile", profile.id, profile.slug)
    assert (await hall.call(CHAT, ask, key)).headers["x-modelhall-model"] == "mock/one"
    assert (await hall.call(CHAT, ask, await hall.key(models=()))).status == 404
    await hall.model("default", RATES)
    assert (await hall.call(CHAT, ask, key)).headers["x-modelhall-model"] == "mock/default"


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
