"""A policy on the way of a call: only models with evidence are reached, and the answer and its receipt prove it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from modelhall.domain.policies import Policy
from modelhall.domain.privacy import Evidence, Facts
from modelhall.storage import keys, models, organisations, projects
from tests.gateway.hall import Hall
from tests.gateway.test_projects import project
from tests.gateway.test_targets import at_first, status
from tests.storage.ledger_seeds import rows

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
ASK: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50}
RATES = {"input": "1", "output": "2"}
ZERO = Policy(zero_retention=True)


def proof(until: date | None = None) -> Facts:
    dated = date(2026, 1, 2)
    return {"zero_retention": Evidence(True, "DPA 7", "model", dated=dated, valid_until=until, entered_by="ada")}


async def demand(hall: Hall, policy: Policy) -> None:
    """Have the organisation demand it."""
    async with hall.database.change(hall.actor) as change:
        await organisations.update_organisation(change.connection, replace(hall.organisation, policy=policy))
        await change.audit("policy.set", "organisation", hall.organisation.id, "default")


async def key_demanding(hall: Hall, policy: Policy, **more: Any) -> str:
    """A fresh key with this policy of its own."""
    text = await hall.key(**more)
    async with hall.database.change(hall.actor) as change:
        key = await keys.key_by_digest(change.connection, hall.vault.digest(text))
        assert key is not None
        await keys.update_key(change.connection, replace(key, policy=policy))
        await change.audit("policy.set", "key", key.id, key.name)
    return text


async def project_demanding(hall: Hall, policy: Policy) -> str:
    """The id of a project with this policy."""
    web = await project(hall)
    async with hall.database.change(hall.actor) as change:
        await projects.update_project(change.connection, replace(web, policy=policy))
        await change.audit("policy.set", "project", web.id, web.slug)
    return web.id


async def test_a_key_that_demands_zero_retention_reaches_only_models_with_evidence(hall: Hall) -> None:
    await hall.model("kept", RATES)
    await hall.model("unkept", RATES, privacy=proof())
    key = await key_demanding(hall, ZERO)
    refused = await hall.call(CHAT, {**ASK, "model": "mock/kept"}, key)
    error = refused.json["error"]
    assert (refused.status, error["code"]) == (403, "policy_refused")
    for word in ("zero_retention", "key key-", "there is no evidence"):
        assert word in error["message"]
    assert hall.provider.sent == []
    listed = (await hall.get("/v1/models", key)).json["data"]
    assert [entry["id"] for entry in listed] == ["mock/unkept"]
    assert (await hall.get("/v1/models/mock/kept", key)).status == 403
    for path in (CHAT, MESSAGES):
        answered = await hall.call(path, {**ASK, "model": "mock/unkept"}, key)
        assert answered.status == 200
        header = answered.headers["x-modelhall-policy"]
        assert header.startswith('zero_retention;by="key key-')
        assert header.endswith('because="DPA 7 of 2026-01-02, entered by ada";dated="2026-01-02"')
    await hall.settled()
    receipts = [row.receipt["policy.zero_retention"] for row in await rows(hall.database)]
    assert len(receipts) == 2
    assert all(told.endswith(": DPA 7 of 2026-01-02, entered by ada") for told in receipts)


async def test_a_receipt_tells_both_the_policy_and_why_a_model_answered_that_nobody_named(small_hall: Hall) -> None:
    model = await small_hall.model("small", RATES, privacy=proof())
    key = await key_demanding(small_hall, ZERO, default_model_id=model.id)
    assert (await small_hall.call(CHAT, {**ASK, "model": "default"}, key)).status == 200
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert row.receipt["default"] == "the key's default"
    assert row.receipt["policy.zero_retention"].endswith(": DPA 7 of 2026-01-02, entered by ada")


async def test_without_a_policy_nothing_is_said_of_one(small_hall: Hall) -> None:
    await small_hall.model("small", RATES)
    answered = await small_hall.call(CHAT, {**ASK, "model": "mock/small"}, await small_hall.key())
    assert answered.status == 200
    assert "x-modelhall-policy" not in answered.headers
    await small_hall.settled()
    assert not any(name.startswith("policy") for name in (await rows(small_hall.database))[0].receipt)


async def test_a_stream_carries_the_header_too(small_hall: Hall) -> None:
    await small_hall.model("small", RATES, privacy=proof())
    key = await key_demanding(small_hall, ZERO)
    answered = await small_hall.call(CHAT, {**ASK, "model": "mock/small", "stream": True}, key)
    assert (answered.status, answered.headers["x-modelhall-policy"][:15]) == (200, "zero_retention;")


async def test_what_the_organisation_the_project_and_the_key_demand_holds_together(hall: Hall) -> None:
    await hall.model("one", RATES, privacy=proof())
    await hall.model("two", {"input": "9", "output": "9"}, privacy=proof())
    await hall.model("three", RATES)
    web = await project_demanding(hall, Policy(ceiling_usd_per_mtok=Decimal(5)))
    callers = [await hall.key(), await hall.key(project_id=web), await key_demanding(hall, ZERO, project_id=web)]
    both = ["mock/one", "mock/three"]

    async def reached() -> list[list[str]]:
        return [sorted(entry["id"] for entry in (await hall.get("/v1/models", key)).json["data"]) for key in callers]

    assert await reached() == [["mock/one", "mock/three", "mock/two"], both, ["mock/one"]]
    await demand(hall, ZERO)
    assert await reached() == [["mock/one", "mock/two"], ["mock/one"], ["mock/one"]]
    dear = await hall.call(CHAT, {**ASK, "model": "mock/two"}, callers[1])
    assert "project web (ceiling_usd_per_mtok)" in dear.json["error"]["message"]
    await demand(hall, Policy(local_only=True))
    assert await reached() == [[], [], []]


async def test_a_call_falls_back_only_to_what_the_policy_allows(small_hall: Hall) -> None:
    first = await small_hall.model("first", RATES, privacy=proof())
    second = await small_hall.model("second", RATES)
    await small_hall.alias("sturdy", first, second)
    small_hall.provider.script = at_first(status(500))
    free, strict = await small_hall.key(), await key_demanding(small_hall, ZERO)
    assert (await small_hall.call(CHAT, {**ASK, "model": "sturdy"}, free)).status == 200
    small_hall.provider.sent.clear()
    assert (await small_hall.call(CHAT, {**ASK, "model": "sturdy"}, strict)).status == 502
    assert {sent.json["model"] for sent in small_hall.provider.sent} == {"first"}
    await small_hall.alias("loose", second, first)
    small_hall.provider.script = None
    answered = await small_hall.call(CHAT, {**ASK, "model": "loose"}, strict)
    assert (answered.status, answered.headers["x-modelhall-model"]) == (200, "mock/first")


async def test_a_bare_name_means_the_first_that_may_be_called(small_hall: Hall) -> None:
    await small_hall.model("same", RATES)
    await small_hall.model("same", RATES, profile="gpt", privacy=proof())
    free, strict = await small_hall.key(), await key_demanding(small_hall, ZERO)
    for key, meant in ((free, "mock/same"), (strict, "gpt/same")):
        answered = await small_hall.call(CHAT, {**ASK, "model": "same"}, key)
        assert (answered.status, answered.headers["x-modelhall-model"]) == (200, meant)


async def test_evidence_that_ends_while_the_server_runs_is_refused_from_that_moment(small_hall: Hall) -> None:
    now = datetime.now(UTC)
    model = await small_hall.model("small", RATES, privacy=proof(until=now.date()))
    key = await key_demanding(small_hall, ZERO)
    snapshot = small_hall.gateway.lookout.current()
    library = snapshot.libraries[small_hall.organisation.id]
    caller = next(iter(snapshot.callers.values()))
    demands, target = library.demands_of(caller), library.targets[model.id]
    assert demands is not None
    assert demands.allows(target)
    over = replace(target, privacy=replace(target.privacy, layers=(proof(until=now.date() - timedelta(days=1)),)))
    assert not demands.allows(over), "a target that is another than before is judged anew"
    async with small_hall.database.change(small_hall.actor) as change:
        lapsed = proof(until=now.date() - timedelta(days=1))
        stored = await models.get_model(change.connection, model.id)
        assert stored is not None
        await models.update_model(change.connection, replace(stored, privacy=lapsed))
        await change.audit("evidence.set", "model", model.id, model.public_name)
    refused = await small_hall.call(CHAT, {**ASK, "model": "mock/small"}, key)
    assert refused.status == 403
    assert "ended on" in refused.json["error"]["message"]


async def test_a_profiles_labels_are_held_to_as_well(small_hall: Hall) -> None:
    await small_hall.model("small", RATES)
    key = await key_demanding(small_hall, Policy(purposes=frozenset({"production"})))
    refused = await small_hall.call(CHAT, {**ASK, "model": "mock/small"}, key)
    assert "no label of purpose" in refused.json["error"]["message"]


BODIES: dict[str, Any] = {
    CHAT: ASK,
    MESSAGES: ASK,
    "/v1/messages/count_tokens": {"messages": ASK["messages"]},
    "/v1/completions": {"prompt": "Hi", "max_tokens": 5},
    "/v1/embeddings": {"input": "Hi"},
}


async def test_every_door_that_leads_to_a_model_is_held_to_the_policy(small_hall: Hall) -> None:
    await small_hall.model("small", RATES)
    await small_hall.alias("other", await small_hall.model("second", RATES))
    key = await key_demanding(small_hall, ZERO)
    assert set(BODIES) == set(small_hall.doors), "a new door needs a body here"
    for path, body in BODIES.items():
        for name in ("mock/small", "small", "other"):
            refused = await small_hall.call(path, {**body, "model": name}, key)
            assert refused.status == 403, path
            assert b"zero_retention" in refused.body
    assert small_hall.provider.sent == []
