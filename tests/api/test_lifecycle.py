"""The life of models over the control API: state, batches, quarantine, successors, removal and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from modelhall.api.app import PREFIX
from modelhall.domain.people import Role
from modelhall.storage import keys, models
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse


@pytest.fixture
async def work(operator: Client) -> Client:
    """The operator of a house with three models of a profile `work`, all switched on, the first the default."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    names = ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]
    await operator.post("/profiles/work/sync", {"models": names, "activate": True})
    await operator.put("/default-model", {"model": "work/gpt-4.1"})
    return operator


async def batch(client: Client, action: str, *names: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/models/batch", {"action": action, "models": names, **more})
    assert answer.status == 200, answer.json
    return answer.json


def statuses(told: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(row["status"], row["details"].get("reason") or row["code"]) for row in told["results"]]


async def default_of(client: Client) -> str | None:
    listed = (await client.get("/models")).json["items"]
    return next((model["name"] for model in listed if model["default"]), None)


async def member(operator: Client, house: OpenHouse, role: Role) -> Client:
    await house.member(role.word, role)
    body = {"name": f"key-{role.word}", "role": role.word, "owner": role.word}
    key = (await operator.post("/keys", body)).json["key"]
    return Client(operator.application, {"authorization": f"Bearer {key}"}, root_path=PREFIX)


async def test_a_batch_tells_of_each_model_and_never_fails_as_a_whole(work: Client) -> None:
    done = await batch(work, "deactivate", "work/gpt-4.1", "work/gpt-4.1-mini", "no/such", "work/gpt-4.1-mini")
    assert statuses(done) == [("refused", "is_default"), ("done", None), ("refused", "model_not_found")]
    assert (done["done"], done["unchanged"], done["refused"], done["dry_run"]) == (1, 0, 2, False)
    assert done["results"][0]["code"] == "conflict"
    assert "default" in done["results"][0]["reason"]
    again = await batch(work, "deactivate", "work/gpt-4.1-mini")
    assert statuses(again) == [("unchanged", None)]
    assert (await work.get("/models/work/gpt-4.1-mini")).json["active"] is False
    assert (await work.get("/status")).json["counts"]["active_models"] == 2


async def test_a_dry_run_says_what_would_be_and_changes_nothing(work: Client, house: OpenHouse) -> None:
    number = await house.database.change_number()
    told = await batch(work, "remove", "work/gpt-4.1", "work/gpt-4.1-nano", dry_run=True)
    assert statuses(told) == [("refused", "is_default"), ("done", None)]
    assert told["dry_run"] is True
    assert len((await work.get("/models")).json["items"]) == 3
    assert await house.database.change_number() == number
    real = await batch(work, "remove", "work/gpt-4.1", "work/gpt-4.1-nano")
    assert statuses(real) == statuses(told), "the dry run said the truth"
    assert len((await work.get("/models")).json["items"]) == 2


async def test_every_action_of_a_batch(work: Client) -> None:
    await work.put("/collections/small", {"models": ["work/gpt-4.1-nano", "work/gpt-4.1-mini"]})
    for action, more in (
        ("hide", {}),
        ("tag", {"tags": ["fast", "coding"]}),
        ("untag", {"tags": ["coding"]}),
        ("categorize", {"category": "budget"}),
        ("deactivate", {}),
        ("quarantine", {"reason": "it leaks"}),
    ):
        told = await batch(work, action, "collection:small", **more)
        assert statuses(told) == [("done", None)] * 2, action
        assert [row["model"] for row in told["results"]] == ["work/gpt-4.1-nano", "work/gpt-4.1-mini"]
    model = (await work.get("/models/work/gpt-4.1-nano")).json
    assert (model["hidden"], model["active"], model["quarantined_because"]) == (True, False, "it leaks")
    assert (model["tags"], model["category"], model["collections"]) == (["fast"], "budget", ["small"])
    labels = (await work.get("/labels")).json
    assert labels == {"tags": [{"name": "fast", "models": 2}], "categories": [{"name": "budget", "models": 2}]}
    assert len((await work.get("/models?tag=fast&category=budget&hidden=true&collection=small")).json["items"]) == 2
    assert (await work.get("/models?tag=coding")).json["items"] == []
    for action in ("release", "activate", "show"):
        assert (await batch(work, action, "collection:small"))["done"] == 2
    assert (await batch(work, "remove", "collection:small"))["done"] == 2
    assert (await work.get("/collections/small")).json["models"] == []
    assert (await batch(work, "restore", "work/gpt-4.1-nano", "work/gpt-4.1-mini"))["done"] == 2
    assert (await work.get("/collections/small")).json["models"] == ["work/gpt-4.1-nano", "work/gpt-4.1-mini"]
    assert (await work.get("/models/work/gpt-4.1-nano")).json["tags"] == ["fast"]
    assert statuses(await batch(work, "hide", "collection:none")) == [("refused", "not_found")]


async def test_models_of_several_profiles_come_in_at_once(work: Client) -> None:
    await work.post("/profiles", {"provider": "openai-compatible", "id": "den", "base_url": "http://127.0.0.1:9/v1"})
    names = ["den/a", "work/gpt-4.1", "work/org/new", "none/x", "bare", "den/"]
    expected = [
        ("done", None),
        ("unchanged", None),
        ("done", None),
        ("refused", "not_found"),
        ("refused", "not_found"),
        ("refused", "bad_request"),
    ]
    assert statuses(await batch(work, "sync", *names, dry_run=True)) == expected
    assert (await work.get("/models/den/a")).status == 404
    assert statuses(await batch(work, "sync", *names)) == expected
    assert (await work.get("/models/work/org/new")).json["active"] is False
    assert statuses(await batch(work, "sync", "den/a", activate=True)) == [("done", None)]
    assert (await work.get("/models/den/a")).json["active"] is True


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        {"action": "hide", "models": []},
        {"action": "hide", "models": ["a/b"] * 1001},
        {"action": "paint", "models": ["a/b"]},
        {"action": "quarantine", "models": ["a/b"]},
        {"action": "tag", "models": ["a/b"]},
        {"action": "hide", "models": ["a/b"], "colour": "red"},
    ],
    ids=lambda body: str(body)[:40],
)
async def test_a_batch_that_makes_no_sense_is_refused_before_anything_is_done(
    operator: Client, body: dict[str, Any]
) -> None:
    assert (await operator.post("/models/batch", body)).status == 400


async def test_a_large_batch_looks_up_who_uses_what_only_once(work: Client, house: OpenHouse) -> None:
    names = [f"m{number}" for number in range(200)]
    await work.post("/profiles/work/sync", {"models": names})
    await work.post("/keys", {"name": "app", "models": ["work/m7"]})
    told = await batch(work, "remove", *(f"work/{name}" for name in names))
    assert (told["done"], told["refused"]) == (199, 1)
    refused = next(row for row in told["results"] if row["status"] == "refused")
    assert refused["details"]["uses"] == [{"kind": "key", "name": "app", "model": "work/m7"}]


async def test_a_model_that_is_held_back_says_why_and_only_an_admin_lets_it_go(work: Client, house: OpenHouse) -> None:
    told = await work.patch("/models/work/gpt-4.1-nano", {"quarantined_because": "no longer zero retention"})
    assert told.json["quarantined_because"] == "no longer zero retention"
    somebody = await member(work, house, Role.MEMBER)
    assert (await somebody.patch("/models/work/gpt-4.1-nano", {"quarantined_because": None})).status == 403
    body = {"action": "release", "models": ["work/gpt-4.1-nano"]}
    assert (await somebody.post("/models/batch", body)).json["code"] == "role_too_low"
    refused = await work.put("/default-model", {"model": "work/gpt-4.1-nano"})
    assert (refused.status, refused.json["reason"]) == (409, "quarantined")
    assert (await work.patch("/models/work/gpt-4.1-nano", {"quarantined_because": None})).status == 200


async def test_a_default_that_is_held_back_makes_room_for_its_successor(work: Client) -> None:
    alone = await work.patch("/models/work/gpt-4.1", {"quarantined_because": "it leaks"})
    assert (alone.status, alone.json["reason"]) == (409, "is_default")
    named = await work.patch("/models/work/gpt-4.1", {"successor": "work/gpt-4.1-mini"})
    assert named.json["successor"] == "work/gpt-4.1-mini"
    off = await work.patch("/models/work/gpt-4.1", {"active": False})
    assert off.json["reason"] == "is_default", "a person switches the default off on purpose, or not at all"
    assert (await work.patch("/models/work/gpt-4.1", {"quarantined_because": "it leaks"})).status == 200
    assert await default_of(work) == "work/gpt-4.1-mini"
    actions = [row["action"] for row in (await work.get("/audit")).json["items"][:2]]
    assert sorted(actions) == ["model.edit", "model.set_default"]


async def test_nobody_follows_himself(work: Client) -> None:
    await work.patch("/models/work/gpt-4.1", {"successor": "work/gpt-4.1-mini"})
    await work.patch("/models/work/gpt-4.1-mini", {"successor": "work/gpt-4.1-nano"})
    for name, after in (("gpt-4.1", "gpt-4.1"), ("gpt-4.1-nano", "gpt-4.1")):
        told = await work.patch(f"/models/work/{name}", {"successor": f"work/{after}"})
        assert (told.status, told.json["reason"]) == (409, "successor_circle")
    assert (await work.patch("/models/work/gpt-4.1", {"successor": None})).json["successor"] is None
    assert (await work.patch("/models/work/gpt-4.1", {"successor": "no/such"})).status == 404


async def test_a_model_in_use_is_not_removed_and_the_refusal_names_every_use(work: Client, house: OpenHouse) -> None:
    await everything_names(work, house, "work/gpt-4.1-nano")
    held = await work.delete("/models/work/gpt-4.1-nano")
    assert (held.status, held.json["reason"]) == (409, "in_use")
    assert {(use["kind"], use["name"]) for use in held.json["uses"]} == {
        ("key", "app"),
        ("key_default", "app"),
        ("alias", "quick"),
        ("successor", "work/gpt-4.1-mini"),
        ("project", "web"),
        ("project_default", "web"),
        ("member_default", "owner"),
    }
    assert "default of project web" in held.json["detail"] or "key app" in held.json["detail"]


async def test_a_named_successor_takes_over_everywhere_at_once_and_an_undo_gives_it_back(
    work: Client, house: OpenHouse
) -> None:
    await everything_names(work, house, "work/gpt-4.1-nano")
    await work.put("/default-model", {"model": "work/gpt-4.1-nano"})
    await work.patch("/models/work/gpt-4.1", {"active": False})
    idle = await work.delete("/models/work/gpt-4.1-nano?successor=work/gpt-4.1")
    assert (idle.status, idle.json["reason"]) == (409, "not_active")
    own = await work.delete("/models/work/gpt-4.1-nano?successor=work/gpt-4.1-nano")
    assert own.json["reason"] == "successor_circle"
    before = await who_is_named(work, house)
    await work.patch("/models/work/gpt-4.1", {"active": True})
    assert (await work.delete("/models/work/gpt-4.1-nano?successor=work/gpt-4.1")).status == 204
    new = "work/gpt-4.1"
    assert await who_is_named(work, house) == {
        "default": new,
        "key": [new],
        "key_default": new,
        "alias": ["work/gpt-4.1-mini", new],
        "successor": new,
        "project": [new, "work/gpt-4.1-mini"],
        "project_default": new,
        "member": new,
    }
    undone = (await work.post("/model-undo/work/gpt-4.1-nano", {})).json
    assert (undone["kept"], undone["model"]["active"]) == ([], True)
    assert await who_is_named(work, house) == before


async def test_what_was_changed_since_stays_when_a_removal_is_undone(work: Client) -> None:
    await work.put("/aliases/quick", {"models": ["work/gpt-4.1-nano"]})
    await work.delete("/models/work/gpt-4.1-nano?successor=work/gpt-4.1-mini")
    await work.put("/aliases/quick", {"models": ["work/gpt-4.1"]})
    undone = (await work.post("/model-undo/work/gpt-4.1-nano", {})).json
    assert undone["kept"] == ["alias quick"]
    assert (await work.get("/aliases/quick")).json["models"] == ["work/gpt-4.1"]


async def test_a_member_names_a_successor_only_where_nothing_of_others_changes(work: Client, house: OpenHouse) -> None:
    somebody = await member(work, house, Role.MEMBER)
    await work.put("/aliases/quick", {"models": ["work/gpt-4.1-nano"]})
    await somebody.post("/keys", {"name": "hers", "models": ["work/gpt-4.1-nano"]})
    assert (await somebody.delete("/models/work/gpt-4.1-nano?successor=work/gpt-4.1-mini")).status == 204
    assert (await somebody.get("/keys/hers")).json["models"] == ["work/gpt-4.1-mini"]
    assert (await somebody.post("/model-undo/work/gpt-4.1-nano", {})).status == 200
    await work.post("/keys", {"name": "his", "models": ["work/gpt-4.1-nano"]})
    told = await somebody.delete("/models/work/gpt-4.1-nano?successor=work/gpt-4.1-mini")
    assert (told.status, told.json["code"], "key his" in told.json["detail"]) == (403, "role_too_low", True)
    answer = await batch(somebody, "remove", "work/gpt-4.1-nano", successor="work/gpt-4.1-mini")
    assert statuses(answer) == [("refused", "role_too_low")]
    assert (await work.get("/aliases/quick")).json["models"] == ["work/gpt-4.1-nano"], "nothing was begun"
    assert (await work.delete("/models/work/gpt-4.1-nano?successor=work/gpt-4.1-mini")).status == 204
    assert (await somebody.post("/model-undo/work/gpt-4.1-nano", {})).status == 403
    assert (await work.get("/models/work/gpt-4.1-nano")).status == 404


async def everything_names(work: Client, house: OpenHouse, name: str) -> None:
    """A key, its default, an alias, a model, a project and a member name it."""
    await work.post("/keys", {"name": "app", "models": [name]})
    await work.put("/aliases/quick", {"models": ["work/gpt-4.1-mini", name]})
    await work.patch("/models/work/gpt-4.1-mini", {"successor": name})
    assert (await work.patch("/preferences", {"default_model": name})).json["default_model"] == name
    await work.post("/projects", {"id": "web", "models": [name, "work/gpt-4.1-mini"], "default_model": name})
    async with house.database.change(house.operator) as change:
        organisation_id = house.operator.organisation_id
        model_id = await id_of(change.connection, organisation_id, name)
        key = await keys.key_by_name(change.connection, organisation_id, "app")
        assert key is not None
        await keys.update_key(change.connection, replace(key, default_model_id=model_id))
        await change.audit("key.update", "key", key.id, key.name)


async def who_is_named(work: Client, house: OpenHouse) -> dict[str, Any]:
    """Who stands at each of the places."""
    named = {model["name"]: model for model in (await work.get("/models")).json["items"]}
    async with house.database.read() as connection:
        organisation_id = house.operator.organisation_id
        key = await keys.key_by_name(connection, organisation_id, "app")
        assert key is not None
        names = await names_of(connection, [str(key.default_model_id)])
    project = (await work.get("/projects/web")).json
    return {
        "default": await default_of(work),
        "key": (await work.get("/keys/app")).json["models"],
        "key_default": names[str(key.default_model_id)],
        "alias": (await work.get("/aliases/quick")).json["models"],
        "successor": named["work/gpt-4.1-mini"]["successor"],
        "project": project["models"],
        "project_default": project["default_model"],
        "member": (await work.get("/preferences")).json["default_model"],
    }


async def id_of(connection: Any, organisation_id: str, name: str) -> str:
    profile, _, model_id = name.partition("/")
    model = await models.model_by_name(connection, organisation_id, profile, model_id)
    assert model is not None
    return model.id


async def names_of(connection: Any, ids: list[str]) -> dict[str, str]:
    return {each: model.public_name for each, model in (await models.models_by_ids(connection, ids)).items()}


async def test_deleted_models_are_listed_and_come_back_switched_off(work: Client) -> None:
    number = (await work.get("/models/work/gpt-4.1-nano")).json["number"]
    await work.delete("/models/work/gpt-4.1-nano")
    await work.post("/profiles/work/sync", {"models": ["gpt-4.1-nano"]})
    taken = await work.post("/deleted-models/work/gpt-4.1-nano")
    assert (taken.status, taken.json["reason"]) == (409, "name_taken")
    await work.delete("/models/work/gpt-4.1-nano")
    listed = (await work.get("/deleted-models?limit=1")).json
    rest = (await work.get(f"/deleted-models?after={listed['next']}")).json["items"]
    assert [row["number"] for row in listed["items"] + rest] == [number + 1, number]
    back = (await work.post(f"/deleted-models/{number}")).json
    assert (back["number"], back["active"], back["price"]["input_per_mtok"]) == (number, False, "0.1")
    assert (await work.post("/deleted-models/no/such")).status == 404


async def test_a_model_whose_profile_is_gone_cannot_come_back(work: Client) -> None:
    await work.post("/profiles", {"provider": "openai", "id": "den", "key": "sk-0123456789abcdef"})
    await work.post("/profiles/den/sync", {"models": ["x"]})
    await work.delete("/profiles/den")
    (row,) = (await work.get("/deleted-models")).json["items"]
    assert (row["name"], row["restorable"]) == ("den/x", False)
    told = await work.post("/deleted-models/den/x")
    assert (told.status, told.json["reason"]) == (409, "profile_gone")


async def test_new_models_are_switched_on_only_when_the_library_says_so(work: Client, house: OpenHouse) -> None:
    assert (await work.get("/library-settings")).json == {"activate_on_sync": False}
    await work.post("/profiles/work/sync", {"models": ["a"]})
    assert (await work.patch("/library-settings", {"activate_on_sync": True})).json == {"activate_on_sync": True}
    await work.post("/profiles/work/sync", {"models": ["a", "b"]})
    await work.post("/profiles/work/sync", {"models": ["c"], "activate": False})
    active = {row["model_id"]: row["active"] for row in (await work.get("/models")).json["items"]}
    assert (active["a"], active["b"], active["c"]) == (False, True, False), "what was there stays as it is"
    somebody = await member(work, house, Role.MEMBER)
    assert (await somebody.patch("/library-settings", {"activate_on_sync": False})).status == 403


async def test_a_viewer_looks_and_changes_nothing(work: Client, house: OpenHouse) -> None:
    viewer = await member(work, house, Role.VIEWER)
    assert (await viewer.get("/models/hints")).status == 200
    assert (await viewer.put("/default-model", {"model": "work/gpt-4.1-nano"})).status == 403
    assert (await viewer.post("/models/batch", {"action": "hide", "models": ["work/gpt-4.1"]})).status == 403
    assert (await viewer.post("/model-undo/work/gpt-4.1", {})).status == 403


async def test_a_new_default_takes_the_badge_from_the_old_one(work: Client) -> None:
    await work.put("/default-model", {"model": "work/gpt-4.1-mini"})
    listed = (await work.get("/models")).json["items"]
    assert [model["name"] for model in listed if model["default"]] == ["work/gpt-4.1-mini"]
