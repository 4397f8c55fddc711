"""Collections over the control API."""

from __future__ import annotations

import tomllib

import pytest

from tests.support.asgi import Client
from tests.support.house import ON_SQLITE


@pytest.fixture
async def work(operator: Client) -> Client:
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles/work/sync", {"models": ["a", "b", "c"], "activate": True})
    return operator


async def test_a_collection_is_made_shown_replaced_and_deleted(work: Client) -> None:
    made = await work.put("/collections/coding", {"models": ["work/c", "work/a", "work/c"]})
    assert made.json == {"name": "coding", "models": ["work/c", "work/a"], "before": None}
    changed = await work.put("/collections/coding", {"models": ["work/b", "collection:coding"]})
    assert (changed.json["models"], changed.json["before"]["models"]) == (
        ["work/b", "work/c", "work/a"],
        ["work/c", "work/a"],
    )
    shown = await work.get("/collections/coding")
    assert (shown.json["models"], shown.headers["etag"]) == (changed.json["models"], changed.headers["etag"])
    same = await work.put("/collections/coding", {"models": changed.json["models"]})
    assert same.headers["etag"] == shown.headers["etag"]
    actions = [row["action"] for row in (await work.get("/audit?kind=collection")).json["items"]]
    assert actions == ["collection.set"] * 2, "an edit that changes nothing is no change"
    stale = await work.put("/collections/coding", {"models": []}, if_match=made.headers["etag"])
    assert stale.status == 412
    gone = await work.delete("/collections/coding", if_match=shown.headers["etag"])
    assert gone.json["models"] == changed.json["models"]
    assert (await work.get("/collections/coding")).status == 404
    assert (await work.put("/collections/coding", {"models": []})).json["before"] is None


async def test_collections_are_listed_in_pages(work: Client) -> None:
    for name in ("one", "two", "three"):
        await work.put(f"/collections/{name}", {"models": ["work/a"]})
    first = (await work.get("/collections?limit=2")).json
    rest = (await work.get(f"/collections?limit=2&after={first['next']}")).json
    assert [each["name"] for each in first["items"] + rest["items"]] == ["one", "two", "three"]
    assert (await work.get("/models/work/a")).json["collections"] == ["one", "three", "two"]


async def test_a_collection_stands_for_its_models_where_a_list_is_asked_for(work: Client) -> None:
    await work.put("/collections/coding", {"models": ["work/b", "work/a"]})
    key = await work.post("/keys", {"name": "app", "models": ["collection:coding", "work/c"]})
    assert key.json["models"] == ["work/b", "work/a", "work/c"]
    alias = await work.put("/aliases/any", {"models": ["collection:coding"]})
    assert alias.json["models"] == ["work/b", "work/a"]
    await work.put("/collections/coding", {"models": ["work/c"]})
    assert (await work.get("/keys/app")).json["models"] == ["work/b", "work/a", "work/c"], "as it was at that moment"


async def test_a_collection_does_not_keep_a_model_in_the_library(work: Client) -> None:
    await work.put("/collections/coding", {"models": ["work/b", "work/a"]})
    assert (await work.delete("/models/work/b")).status == 204
    assert (await work.put("/collections/coding", {"models": ["work/c"]})).status == 200
    await work.post("/deleted-models/work/b")
    assert (await work.get("/collections/coding")).json["models"] == ["work/c", "work/b"]


@ON_SQLITE
async def test_what_makes_no_sense_is_refused(work: Client) -> None:
    assert (await work.put("/collections/Big%20Ones", {"models": []})).status == 400
    assert (await work.put("/collections/coding", {"models": ["no/such"]})).status == 404
    await work.put("/collections/coding", {"models": []})
    near = await work.get("/collections/codng")
    assert (near.status, near.json["nearest"]) == (404, ["coding"])


async def test_the_export_holds_what_people_sorted_and_stored(work: Client) -> None:
    labelled = {"category": "budget", "tags": ["fast"], "successor": "work/b", "defaults": {"temperature": 0.2}}
    assert (await work.patch("/models/work/a", labelled)).status == 200
    await work.put("/collections/coding", {"models": ["work/b", "work/a"]})
    await work.patch("/library-settings", {"activate_on_sync": True})
    text = (await work.get("/export")).body.decode()
    read = tomllib.loads(text)
    (model,) = (each for each in read["model"] if each["name"] == "work/a")
    assert {name: model[name] for name in labelled} == labelled
    assert read["collection"] == [{"name": "coding", "models": ["work/b", "work/a"]}]
    assert read["organisation"]["activate_on_sync"] is True
