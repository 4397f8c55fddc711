"""What happened to a model, and taking it back."""

from __future__ import annotations

from typing import Any

import pytest

from modelhall.api.app import PREFIX
from modelhall.domain.people import Role
from modelhall.storage.audit_check import first_break
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

NAME = "work/gpt-4.1"
MODEL, HISTORY, UNDO = f"/models/{NAME}", f"/model-history/{NAME}", f"/model-undo/{NAME}"


@pytest.fixture
async def work(operator: Client) -> Client:
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1", "gpt-4.1-nano"]})
    return operator


async def past(client: Client) -> list[dict[str, Any]]:
    return (await client.get(HISTORY)).json["items"]


async def test_the_history_tells_who_did_what_when_with_before_and_after(work: Client, house: OpenHouse) -> None:
    await house.member("ada", Role.MEMBER)
    key = (await work.post("/keys", {"name": "hers", "role": "member", "owner": "ada"})).json["key"]
    ada = Client(work.application, {"authorization": f"Bearer {key}"}, root_path=PREFIX)
    await work.post("/profiles/work/sync", {"models": ["gpt-4.1"], "activate": True})
    await ada.patch(MODEL, {"hidden": True, "notes": "for tests", "successor": "work/gpt-4.1-nano"})
    await work.put("/default-model", {"model": NAME})
    default, edit, on, came = await past(work)
    assert [row["action"] for row in (default, edit, on, came)] == [
        "model.set_default",
        "model.edit",
        "model.sync",
        "model.sync",
    ]
    assert (came["before"], came["after"]["active"]) == (None, False)
    assert (on["before"], on["after"], on["member"]) == ({"active": False}, {"active": True}, "owner")
    assert (edit["member"], edit["via"], sorted(edit["fields"])) == ("ada", "key", ["hidden", "notes", "successor_id"])
    assert (edit["before"]["notes"], edit["after"]["notes"]) == (None, "for tests")
    assert (edit["before"]["successor"], edit["after"]["successor"]) == (None, "work/gpt-4.1-nano")
    assert default["after"] == {"default": NAME}
    assert came["at"] < on["at"] < edit["at"] < default["at"]
    assert len((await work.get(f"{HISTORY}?limit=2")).json["items"]) == 2


async def test_undo_goes_back_change_by_change_to_the_first(work: Client) -> None:
    await work.patch(MODEL, {"title": "Big", "category": "premium"})
    await work.patch(MODEL, {"tags": ["coding"]})
    await work.patch(MODEL, {"defaults": {"temperature": 0.2}, "parameters": {"seed": {"taken": False}}})
    undone = (await work.post(UNDO, {})).json
    assert (undone["model"]["defaults"], "seed" in undone["model"]["parameters"]) == ({}, False)
    assert (await work.post(UNDO, {})).json["model"]["tags"] == []
    model = (await work.post(UNDO, {})).json["model"]
    assert (model["title"], model["category"]) == ("GPT-4.1", None)
    assert (await work.post(UNDO, {})).json["model"] is None, "the first change was that it came in"
    none_left = await work.post(UNDO, {})
    assert (none_left.status, none_left.json["reason"]) == (409, "nothing_to_undo")
    rows = await past(work)
    assert sum(row["undone"] for row in rows) == 4
    assert [row["action"] for row in rows[:4]] == ["model.undo"] * 4


async def test_an_undo_can_be_taken_back_itself(work: Client) -> None:
    await work.patch(MODEL, {"hidden": True})
    undo_id = (await work.post(UNDO, {})).json["change"]
    (row, edit, _) = await past(work)
    assert (row["undoes"], edit["id"], edit["undone"]) == (undo_id, undo_id, True)
    assert (await work.post(UNDO, {"change": row["id"]})).json["model"]["hidden"] is True
    assert (await past(work))[2]["undone"] is False, "the first change counts again"
    assert (await work.post(UNDO, {"change": undo_id})).json["model"]["hidden"] is False


async def test_an_undo_is_refused_where_something_later_stands_on_it(work: Client) -> None:
    await work.patch(MODEL, {"active": True})
    await work.put("/default-model", {"model": NAME})
    await work.patch(MODEL, {"notes": "one"})
    await work.patch(MODEL, {"notes": "two"})
    two, one, default, on, came = (row["id"] for row in await past(work))
    refused = await work.post(UNDO, {"change": one})
    assert (refused.status, refused.json["reason"], refused.json["fields"]) == (409, "changed_since", ["notes"])
    assert refused.json["changes"] == [two]
    assert (await work.post(UNDO, {"change": on})).json["reason"] == "is_default"
    assert (await work.post(UNDO, {"change": came})).json["reason"] == "is_default"
    assert (await work.post(UNDO, {"change": default})).status == 200
    assert (await work.post(UNDO, {"change": default})).json["reason"] == "already_undone"
    assert (await work.get(MODEL)).json["default"] is False
    assert (await work.post(UNDO, {"change": two})).json["model"]["notes"] == "one"
    assert (await work.post(UNDO, {"change": one})).json["model"]["notes"] is None
    assert (await work.post(UNDO, {"change": "none"})).status == 404


async def test_a_default_goes_back_only_to_what_can_still_answer(work: Client) -> None:
    for name in ("work/gpt-4.1-nano", NAME):
        await work.patch(f"/models/{name}", {"active": True})
        await work.put("/default-model", {"model": name})
    await work.patch("/models/work/gpt-4.1-nano", {"active": False})
    last = (await past(work))[0]["id"]
    assert (await work.post(UNDO, {"change": last})).json["reason"] == "not_active"
    await work.patch("/models/work/gpt-4.1-nano", {"active": True})
    assert (await work.post(UNDO, {"change": last})).json["model"]["default"] is False
    assert (await work.get("/models/work/gpt-4.1-nano")).json["default"] is True


async def test_a_removal_is_undone_with_everything_that_was_set(work: Client) -> None:
    await work.patch(MODEL, {"active": True, "hidden": True, "tags": ["coding"]})
    await work.delete(MODEL)
    assert (await work.get(HISTORY)).json["deleted"] is True
    model = (await work.post(UNDO, {})).json["model"]
    assert (model["active"], model["hidden"], model["tags"]) == (True, True, ["coding"])
    await work.delete(MODEL)
    edit = next(row["id"] for row in await past(work) if row["action"] == "model.edit")
    assert (await work.post(UNDO, {"change": edit})).json["reason"] == "deleted"
    await work.post(f"/deleted-models/{NAME}")
    removal = next(row["id"] for row in await past(work) if row["action"] == "model.remove")
    assert (await work.post(UNDO, {"change": removal})).json["reason"] == "not_deleted"


async def test_a_price_is_undone_by_entering_the_one_before_again(work: Client, house: OpenHouse) -> None:
    await work.put(f"/prices/{NAME}", {"input_per_mtok": "9", "output_per_mtok": "10"})
    await house.member("ada", Role.MEMBER)
    key = (await work.post("/keys", {"name": "hers", "role": "member", "owner": "ada"})).json["key"]
    ada = Client(work.application, {"authorization": f"Bearer {key}"}, root_path=PREFIX)
    assert (await ada.post(UNDO, {})).json["code"] == "role_too_low", "prices are an admin's"
    price = (await work.post(UNDO, {})).json["model"]["price"]
    assert (price["input_per_mtok"], price["output_per_mtok"]) == ("2", "8")
    await work.post("/profiles/work/sync", {"models": ["unpriced"]})
    await work.put("/prices/work/unpriced", {"input_per_mtok": "1"})
    first = await work.post("/model-undo/work/unpriced", {})
    assert (first.status, first.json["reason"]) == (409, "no_price_before")


@ON_SQLITE
async def test_the_audit_stays_whole_and_tells_of_every_undo(work: Client, house: OpenHouse) -> None:
    await work.patch(MODEL, {"hidden": True})
    await work.post(UNDO, {})
    async with house.database.read() as connection:
        assert await first_break(connection, house.operator.organisation_id) is None
    (row, *_) = (await work.get("/audit")).json["items"]
    assert (row["action"], row["after"]["hidden"]) == ("model.undo", False)


@ON_SQLITE
async def test_of_a_model_that_never_was_there_is_no_history(work: Client) -> None:
    near = await work.get("/model-history/work/gpt-41")
    assert (near.status, near.json["nearest"][0]) == (404, "work/gpt-4.1")
    assert (await work.post("/model-undo/no/such", {})).status == 404
