"""Policies and evidence over the control API, from the wish to the call that is refused or proven."""

from __future__ import annotations

import time
import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from modelhall.domain.people import Role
from modelhall.gateway.doors.routes import model_doors, model_routes
from modelhall.services.evidence.watch_evidence import hold_back_lapsed
from tests.api.test_policy import client_of
from tests.gateway.upstream import ScriptedProvider, plain, scripted
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

DPA: dict[str, Any] = {"value": True, "reference": "contract DPA-7", "dated": "2026-01-02"}
OPEN = {
    "local_only": False, "zero_retention": False, "no_training": False, "regions": None,
    "ceiling_usd_per_mtok": None, "purposes": None, "residencies": None,
}  # fmt: skip
ASK: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50}


@pytest.fixture
async def work(operator: Client) -> Client:
    """The operator of a house with three models of a profile `work`, all switched on, the first the default."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    names = ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]
    await operator.post("/profiles/work/sync", {"models": names, "activate": True})
    await operator.put("/default-model", {"model": "work/gpt-4.1"})
    return operator


async def allowed(client: Client, key: str = "") -> list[str]:
    judged = (await client.get(f"/policy/models{'?key=' + key if key else ''}")).json["items"]
    return [row["model"] for row in judged if row["allowed"]]


async def test_a_policy_is_set_shown_and_audited(work: Client) -> None:
    body = {"zero_retention": True, "regions": ["EU", "eu"], "ceiling_usd_per_mtok": "15.50"}
    told = (await work.put("/policy", body)).json
    assert told["own"] == OPEN | {"zero_retention": True, "regions": ["eu"], "ceiling_usd_per_mtok": "15.5"}
    assert (told["whose"], told["effective"], told["parents"]) == ("the organisation", told["own"], [])
    assert (await work.get("/policy")).json == told
    number = (await work.get("/status")).json["change_number"]
    assert (await work.put("/policy", body)).json == told
    assert (await work.get("/status")).json["change_number"] == number, "what changes nothing is no change"
    row = (await work.get("/audit")).json["items"][0]
    assert (row["action"], row["kind"], row["before"]) == ("policy.set", "organisation", {})
    assert row["after"] == {"zero_retention": True, "regions": ["eu"], "ceiling_usd_per_mtok": "15.5"}
    assert (await work.put("/policy", {})).json["own"] == OPEN


async def test_a_child_may_only_tighten_and_what_is_demanded_above_later_holds_too(work: Client) -> None:
    await work.post("/projects", {"id": "web"})
    await work.post("/keys", {"name": "ci", "project": "web"})
    await work.put("/policy", {"zero_retention": True, "regions": ["eu", "us"], "ceiling_usd_per_mtok": "10"})
    for body, rule in (
        ({"zero_retention": False}, "zero_retention"),
        ({"regions": ["eu", "asia"]}, "regions"),
        ({"ceiling_usd_per_mtok": "10.01"}, "ceiling_usd_per_mtok"),
    ):
        for place in ("/projects/web/policy", "/keys/ci/policy"):
            refused = await work.put(place, body)
            assert (refused.status, refused.json["reason"], refused.json["rules"]) == (409, "wider_than_parent", [rule])
            assert refused.json["whose"] == "the organisation"
    assert (await work.put("/projects/web/policy", {"ceiling_usd_per_mtok": "5"})).status == 200
    refused = await work.put("/keys/ci/policy", {"ceiling_usd_per_mtok": "6"})
    assert (refused.status, refused.json["whose"]) == (409, "project web")
    tight = (await work.put("/keys/ci/policy", {"regions": ["eu"], "no_training": False})).json
    assert tight["effective"] == OPEN | {"zero_retention": True, "regions": ["eu"], "ceiling_usd_per_mtok": "5"}
    assert [parent["whose"] for parent in tight["parents"]] == ["the organisation", "project web"]
    await work.put("/policy", {"regions": ["us"], "ceiling_usd_per_mtok": "4"})
    later = (await work.get("/keys/ci/policy")).json
    assert later["effective"] == OPEN | {"regions": [], "ceiling_usd_per_mtok": "4"}
    assert later["outdone"] == ["regions"]
    assert (await work.get("/projects/web/policy")).json["outdone"] == ["ceiling_usd_per_mtok"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("place", "body", "status"),
    [
        ("/policy", {"regions": []}, 400),
        ("/policy", {"regions": ["the moon"]}, 400),
        ("/policy", {"ceiling_usd_per_mtok": "cheap"}, 400),
        ("/policy", {"unheard": True}, 400),
        ("/projects/none/policy", {}, 404),
        ("/keys/none/policy", {}, 404),
        ("/evidence/zero_retention/none", DPA, 404),
        ("/evidence/zero_retention/work/none", DPA, 404),
        ("/evidence/unheard/work", DPA, 400),
        ("/evidence/zero_retention/work", DPA | {"value": ["eu"]}, 400),
        ("/evidence/regions/work", DPA, 400),
        ("/evidence/regions/work", DPA | {"value": []}, 400),
        ("/evidence/zero_retention/work", DPA | {"reference": " "}, 400),
        ("/evidence/zero_retention/work", DPA | {"dated": "2999-01-01"}, 400),
        ("/evidence/zero_retention/work", DPA | {"valid_until": "2026-01-03"}, 400),
        ("/evidence/zero_retention/work", DPA | {"address": "javascript:alert(1)"}, 400),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused(work: Client, place: str, body: dict[str, Any], status: int) -> None:
    assert (await work.put(place, body)).status == status


@ON_SQLITE
async def test_a_member_tightens_his_own_key_and_an_admin_does_all_else(work: Client, house: OpenHouse) -> None:
    member = await client_of(work, house, Role.MEMBER)
    await work.post("/keys", {"name": "mine", "owner": "member"})
    await work.post("/keys", {"name": "foreign"})
    for place in ("/policy", "/projects/web/policy", "/evidence/zero_retention/work"):
        body = DPA if place.startswith("/evidence") else {}
        assert (await member.put(place, body)).json["code"] == "role_too_low"
    assert (await member.get("/policy")).status == 200
    assert (await member.get("/evidence/work")).status == 200
    assert (await member.put("/keys/foreign/policy", {"no_training": True})).status == 404
    assert (await member.put("/keys/mine/policy", {"no_training": True})).status == 200
    assert (await member.put("/keys/mine/policy", {"no_training": True, "regions": ["eu"]})).status == 200
    assert (await member.put("/keys/mine/policy", {"no_training": True})).json["code"] == "role_too_low"
    assert (await work.put("/keys/mine/policy", {})).status == 200


async def test_evidence_is_entered_shown_and_withdrawn(work: Client) -> None:
    before = {each["fact"]: each for each in (await work.get("/evidence/work")).json["facts"]}
    assert before["zero_retention"]["evidence"] is None
    read = before["no_training"]["evidence"]
    assert (read["value"], read["layer"], read["entered_by"]) == (True, "provider", None)
    assert read["address"].startswith("https://")
    entered = (await work.put("/evidence/zero_retention/work", DPA | {"valid_until": "2999-01-01"})).json
    known = entered["facts"][1]["evidence"]
    assert known == DPA | {
        "layer": "profile", "address": None, "valid_until": "2999-01-01", "entered_by": "owner",
    }  # fmt: skip
    assert (entered["kind"], entered["says"]) == ("profile", "What is sent goes to a third party: OpenAI.")
    model = (await work.get("/models/work/gpt-4.1")).json
    assert model["privacy"]["zero_retention"] == known
    assert model["privacy"]["no_training"]["layer"] == "provider"
    assert "local" not in model["privacy"]
    own = await work.put("/evidence/zero_retention/work/gpt-4.1", DPA | {"value": False})
    assert (own.json["kind"], own.json["facts"][1]["evidence"]["value"]) == ("model", False)
    assert (await work.delete("/evidence/zero_retention/work")).json["facts"][1]["evidence"] is None
    again = await work.delete("/evidence/zero_retention/work")
    assert (again.status, again.json["code"]) == (404, "not_found")
    rows = (await work.get("/audit")).json["items"]
    assert [row["action"] for row in rows[:3]] == ["evidence.set"] * 3
    assert rows[0]["before"]["evidence"]["zero_retention"]["reference"] == "contract DPA-7"


async def test_a_server_of_the_owners_is_local_by_nature(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "ollama", "id": "box"})
    await operator.post("/profiles/box/sync", {"models": ["llama3.2", "gpt-oss:120b-cloud"], "activate": True})
    told = (await operator.get("/evidence/box/llama3.2")).json
    assert told["says"] == "What is sent stays on machines of the owner's: no third party sees it."
    assert {each["evidence"]["layer"] for each in told["facts"]} == {"nature"}
    assert (await operator.get("/evidence/box/gpt-oss:120b-cloud")).json["says"].startswith("What is sent goes to")
    await operator.put("/policy", {"local_only": True})
    assert await allowed(operator) == ["box/llama3.2"]
    entries = (await operator.get("/library?zero_retention=yes")).json["items"]
    assert [entry["name"] for entry in entries] == ["box/llama3.2"]


async def test_the_search_knows_what_there_is_evidence_for(work: Client) -> None:
    await work.put("/evidence/regions/work", DPA | {"value": ["eu", "us"]})
    await work.put("/evidence/zero_retention/work/gpt-4.1", DPA)

    async def found(query: str) -> list[str]:
        return sorted(row["name"] for row in (await work.get(f"/library?status=active&{query}")).json["items"])

    assert await found("zero_retention=yes") == ["work/gpt-4.1"]
    assert len(await found("region=us")) == 3
    assert await found("region=asia") == []
    await work.delete("/evidence/zero_retention/work/gpt-4.1")
    assert await found("zero_retention=yes") == []


async def test_explain_shows_the_verdict_on_each_target(work: Client) -> None:
    await work.put("/evidence/zero_retention/work/gpt-4.1-mini", DPA)
    await work.put("/aliases/sturdy", {"models": ["work/gpt-4.1", "work/gpt-4.1-mini"]})
    await work.put("/policy", {"zero_retention": True})
    told = (await work.post("/explain", {"request": {**ASK, "model": "sturdy"}})).json
    assert (told["admitted"], told["model"]) == (True, "work/gpt-4.1-mini")
    assert [(row["model"], row["allowed"]) for row in told["policy"]] == [
        ("work/gpt-4.1", False), ("work/gpt-4.1-mini", True),
    ]  # fmt: skip
    (finding,) = told["policy"][0]["findings"]
    assert (finding["rule"], finding["whose"], finding["met"]) == ("zero_retention", "the organisation", False)
    refused = (await work.post("/explain", {"request": {**ASK, "model": "work/gpt-4.1"}})).json
    assert (refused["admitted"], refused["refusal"]["code"]) == (False, "policy_refused")
    assert "there is no evidence for zero retention" in refused["refusal"]["message"]
    await work.put("/policy", {})
    assert (await work.post("/explain", {"request": {**ASK, "model": "sturdy"}})).json["policy"] == []


async def test_lost_evidence_holds_a_model_back_within_a_second_and_a_person_lets_it_go(work: Client) -> None:
    await work.put("/evidence/zero_retention/work", DPA)
    await work.put("/evidence/zero_retention/work/gpt-4.1-nano", DPA | {"reference": "its own"})
    await work.put("/policy", {"zero_retention": True})
    began = time.monotonic()
    await work.delete("/evidence/zero_retention/work")
    held = (await work.get("/models/work/gpt-4.1-mini")).json
    assert time.monotonic() - began < 1
    assert held["active"] is True, "it is held back, not deleted"
    reason = held["quarantined_because"]
    assert "there is no evidence for zero retention" in reason
    assert "contract DPA-7 of 2026-01-02, entered by owner" in reason
    assert held["successor"] == "work/gpt-4.1-nano"
    assert (await work.get("/models/work/gpt-4.1-nano")).json["quarantined_because"] is None
    newest = (await work.get("/model-history/work/gpt-4.1-mini")).json["items"][0]
    assert (newest["action"], newest["after"]["quarantined_because"]) == ("model.quarantine", reason)
    await work.put("/evidence/zero_retention/work", DPA)
    assert (await work.get("/models/work/gpt-4.1-mini")).json["quarantined_because"] == reason, "a person decides"
    assert (await work.patch("/models/work/gpt-4.1-mini", {"quarantined_because": None})).status == 200
    assert "work/gpt-4.1-mini" in await allowed(work)


@ON_SQLITE
async def test_without_the_organisations_demand_lost_evidence_holds_nothing_back(work: Client) -> None:
    await work.put("/evidence/zero_retention/work", DPA)
    await work.delete("/evidence/zero_retention/work")
    assert (await work.get("/models/work/gpt-4.1")).json["quarantined_because"] is None
    await work.put("/policy", {"zero_retention": True})
    assert (await work.get("/models/work/gpt-4.1")).json["quarantined_because"] is None, "it never had any to lose"


@ON_SQLITE
async def test_a_default_that_loses_its_evidence_moves_only_to_whom_a_person_named(work: Client) -> None:
    await work.put("/evidence/zero_retention/work/gpt-4.1", DPA)
    await work.put("/evidence/zero_retention/work/gpt-4.1-mini", DPA)
    await work.put("/policy", {"zero_retention": True})
    await work.delete("/evidence/zero_retention/work/gpt-4.1")
    first = (await work.get("/models/work/gpt-4.1")).json
    assert (first["default"], first["successor"]) == (True, "work/gpt-4.1-mini")
    refused = (await work.post("/explain", {"request": ASK})).json["refusal"]
    assert (refused["status"], refused["code"]) == (503, "nothing_to_call")
    assert "there is no evidence for zero retention" in refused["message"]
    await work.put("/default-model", {"model": "work/gpt-4.1-mini"})
    await work.put("/evidence/zero_retention/work/gpt-4.1-nano", DPA)
    await work.patch("/models/work/gpt-4.1-mini", {"successor": "work/gpt-4.1-nano"})
    await work.delete("/evidence/zero_retention/work/gpt-4.1-mini")
    assert (await work.get("/models/work/gpt-4.1-nano")).json["default"] is True


async def test_evidence_that_ends_holds_a_model_back_but_not_what_a_person_let_go_since(
    work: Client, house: OpenHouse
) -> None:
    today = datetime.now(UTC).date()
    await work.put("/evidence/zero_retention/work/gpt-4.1-nano", DPA | {"valid_until": today.isoformat()})
    await work.put("/policy", {"zero_retention": True})
    assert await hold_back_lapsed(house.house) == 0
    house.clock.ahead = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
    assert await hold_back_lapsed(house.house) == 1
    held = (await work.get("/models/work/gpt-4.1-nano")).json
    assert f"the evidence for zero retention ended on {today}" in held["quarantined_because"]
    assert await hold_back_lapsed(house.house) == 0
    over = (await work.get("/evidence/work/gpt-4.1-nano")).json["facts"][1]
    assert (over["evidence"], over["over"]["reference"]) == (None, "contract DPA-7")


@ON_SQLITE
async def test_evidence_is_bound_to_the_address_as_a_key_is(work: Client) -> None:
    await work.put("/evidence/zero_retention/work", DPA)
    body = {"base_url": "https://proxy.example.com/v1", "key": "sk-0123456789abcdef"}
    refused = await work.patch("/profiles/work", body)
    assert (refused.status, refused.json["reason"]) == (409, "has_evidence")
    await work.delete("/evidence/zero_retention/work")
    assert (await work.patch("/profiles/work", body)).status == 200
    facts = {each["fact"]: each["evidence"] for each in (await work.get("/evidence/work")).json["facts"]}
    assert facts["no_training"] is None, "what the vendor's page says is about the vendor's own address"


@ON_SQLITE
async def test_evidence_is_not_undone_but_withdrawn(work: Client) -> None:
    await work.put("/evidence/zero_retention/work/gpt-4.1", DPA)
    refused = await work.post("/model-undo/work/gpt-4.1", {})
    assert (refused.status, refused.json["reason"]) == (409, "evidence")


@ON_SQLITE
async def test_the_export_has_policies_and_evidence(work: Client) -> None:
    await work.post("/projects", {"id": "web"})
    await work.put("/policy", {"no_training": True, "ceiling_usd_per_mtok": "15"})
    await work.put("/projects/web/policy", {"regions": ["eu"]})
    await work.put("/evidence/regions/work", DPA | {"value": ["eu"]})
    await work.put("/evidence/zero_retention/work/gpt-4.1", DPA)
    told = tomllib.loads((await work.get("/export")).body.decode())
    assert told["organisation"]["policy"] == {"no_training": True, "ceiling_usd_per_mtok": "15"}
    assert told["project"][0]["policy"] == {"regions": ["eu"]}
    profile = next(each for each in told["profile"] if each["id"] == "work")
    assert profile["evidence"] == {"regions": DPA | {"value": ["eu"], "entered_by": "owner"}}
    model = next(each for each in told["model"] if each["name"] == "work/gpt-4.1")
    assert model["evidence"] == {"zero_retention": DPA | {"entered_by": "owner"}}


async def test_a_calls_answer_and_receipt_prove_the_policy_and_trials_are_held_to_it(
    operator: Client, house: OpenHouse
) -> None:
    async with scripted() as server:
        server.script = plain
        await _with_server(operator, server)
        key = (await operator.post("/keys", {"name": "strict"})).json["key"]
        await operator.put("/keys/strict/policy", {"zero_retention": True})
        desk = house.gateway.desk
        doors = Starlette(routes=model_routes(desk, model_doors(desk)))
        program = Client(doors, {"authorization": f"Bearer {key}"})
        assert (await program.post("/v1/chat/completions", {**ASK, "model": "up/small"})).status == 403
        await operator.put("/evidence/zero_retention/up/small", DPA)
        answered = await program.post("/v1/chat/completions", {**ASK, "model": "up/small"})
        assert answered.status == 200
        assert 'because="contract DPA-7 of 2026-01-02, entered by owner"' in answered.headers["x-modelhall-policy"]
        receipt = (await operator.get(f"/calls/{answered.headers['x-modelhall-call']}")).json["receipt"]
        assert receipt["policy.zero_retention"] == "key strict: contract DPA-7 of 2026-01-02, entered by owner"
        await operator.put("/policy", {"no_training": True})
        for tried in ({"model": "up/small"}, {"new_model": {"profile": "up", "model_id": "other"}}):
            refused = await operator.post("/models/test", tried)
            assert (refused.status, refused.json["code"]) == (403, "policy_refused")
        assert len(server.sent) == 1


async def _with_server(operator: Client, server: ScriptedProvider) -> None:
    body = {"provider": "openai-compatible", "id": "up", "base_url": server.address, "allow_private": True}
    assert (await operator.post("/profiles", {**body, "key": "sk-0123456789abcdef"})).status == 201
    await operator.post("/profiles/up/sync", {"models": ["small"], "activate": True})
