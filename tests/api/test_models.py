"""Models, prices and the default over the control API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asgi import Client
from tests.support.house import ON_SQLITE


@pytest.fixture
async def work(operator: Client) -> Client:
    """The operator of a house with a profile `work` of OpenAI."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    return operator


async def sync(client: Client, *names: str, activate: bool = False) -> Any:
    return (await client.post("/profiles/work/sync", {"models": names, "activate": activate})).json


async def test_a_named_model_comes_in_with_the_catalogs_facts_and_price(work: Client) -> None:
    done = await sync(work, "gpt-4.1")
    assert done["results"] == [{"model": "work/gpt-4.1", "status": "synced", "reason": None}]
    model = (await work.get("/models/work/gpt-4.1")).json
    assert (model["context_window"], model["max_output"], model["kind"]) == (1_047_576, 32_768, "chat")
    assert (model["price"]["input_per_mtok"], model["price"]["output_per_mtok"]) == ("2", "8")
    assert model["price"]["passport"]["source"]
    assert (model["active"], model["synced"], model["custom"], model["default"]) == (False, True, False, False)
    assert model["health"] == {"state": "no_data", "uptime": None, "attempts": 0, "as_of": None}


async def test_an_unknown_model_comes_in_with_nothing_invented(work: Client) -> None:
    await sync(work, "my-own-tuning")
    model = (await work.get("/models/work/my-own-tuning")).json
    assert (model["context_window"], model["max_output"], model["price"]) == (None, None, None)
    assert (model["custom"], model["capabilities"], model["kind"]) == (True, {}, "unknown")


async def test_a_known_vendors_facts_are_not_believed_of_a_server_elsewhere(work: Client) -> None:
    await work.post("/profiles", {"provider": "openai", "id": "proxy", "base_url": "http://127.0.0.1:9/v1"})
    await work.post("/profiles/proxy/sync", {"models": ["gpt-4.1"]})
    assert (await work.get("/models/proxy/gpt-4.1")).json["price"] is None
    vendor = {"provider": "openai-compatible", "id": "direct", "base_url": "https://api.groq.com/openai/v1"}
    await work.post("/profiles", vendor)
    await work.post("/profiles/direct/sync", {"models": ["llama-3.3-70b-versatile"]})
    assert (await work.get("/models/direct/llama-3.3-70b-versatile")).json["price"] is not None


async def test_syncing_again_adds_nothing_and_activates_on_demand(work: Client) -> None:
    await sync(work, "gpt-4.1")
    again = await sync(work, "gpt-4.1", "work/gpt-4.1-nano")
    assert [each["status"] for each in again["results"]] == ["already", "synced"]
    assert (again["created"], again["skipped"], again["errors"]) == (1, 1, 0)
    active = await sync(work, "gpt-4.1", activate=True)
    assert active["results"][0]["status"] == "activated"
    assert (await work.get("/models/work/gpt-4.1")).json["active"] is True


async def test_a_bad_name_does_not_stop_the_others(work: Client) -> None:
    done = await sync(work, "gpt-4.1", "", "x" * 300)
    assert (done["created"], done["skipped"], done["errors"]) == (1, 0, 2)
    assert (await work.post("/profiles/work/sync", {"models": []})).status == 400
    assert (await work.post("/profiles/none/sync", {"models": ["a"]})).status == 404


async def test_only_an_active_model_becomes_the_default_and_the_default_stays_active(work: Client) -> None:
    await sync(work, "gpt-4.1", "gpt-4.1-nano")
    early = await work.put("/default-model", {"model": "work/gpt-4.1"})
    assert (early.status, early.json["reason"]) == (409, "not_active")
    await work.patch("/models/work/gpt-4.1", {"active": True})
    assert (await work.put("/default-model", {"model": "work/gpt-4.1"})).json["default"] is True
    off = await work.patch("/models/work/gpt-4.1", {"active": False})
    assert (off.status, off.json["reason"]) == (409, "is_default")
    gone = await work.delete("/models/work/gpt-4.1")
    assert (gone.status, gone.json["reason"]) == (409, "is_default")
    await work.patch("/models/work/gpt-4.1-nano", {"active": True})
    await work.put("/default-model", {"model": "work/gpt-4.1-nano"})
    assert (await work.delete("/models/work/gpt-4.1")).status == 204
    assert (await work.get("/models/work/gpt-4.1")).status == 404


async def test_a_model_that_a_key_names_goes_only_by_force(work: Client) -> None:
    await sync(work, "gpt-4.1", activate=True)
    await work.post("/keys", {"name": "app", "models": ["work/gpt-4.1"]})
    held = await work.delete("/models/work/gpt-4.1")
    assert (held.status, held.json["reason"]) == (409, "in_use")
    assert held.json["uses"] == [{"kind": "key", "name": "app", "model": "work/gpt-4.1"}]
    assert (await work.delete("/models/work/gpt-4.1?force=true")).status == 204
    assert (await work.get("/keys/app")).json["models"] == []


async def test_a_removed_model_may_come_back_under_a_new_number(work: Client) -> None:
    await sync(work, "gpt-4.1")
    number = (await work.get("/models/work/gpt-4.1")).json["number"]
    await work.delete("/models/work/gpt-4.1")
    await sync(work, "gpt-4.1")
    assert (await work.get("/models/work/gpt-4.1")).json["number"] > number


async def test_a_price_by_hand_replaces_the_catalogs(work: Client) -> None:
    await sync(work, "gpt-4.1")
    body = {"input_per_mtok": "2.50", "output_per_mtok": "10", "cache_read_per_mtok": "0.075"}
    price = (await work.put("/prices/work/gpt-4.1", body)).json["price"]
    assert (price["input_per_mtok"], price["output_per_mtok"]) == ("2.5", "10")
    assert {rate["usage_class"] for rate in price["rates"]} == {"input", "output", "cache_read"}
    assert (price["passport"]["source"], price["passport"]["entered_by"]) == ("person", "owner")


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [{}, {"input_per_mtok": "cheap"}, {"input_per_mtok": 2.5}, {"input_per_mtok": "1e99999"}, {"voice_per_mtok": "1"}],
    ids=str,
)
async def test_a_price_that_is_none_is_refused(work: Client, body: dict[str, object]) -> None:
    await sync(work, "gpt-4.1")
    assert (await work.put("/prices/work/gpt-4.1", body)).status == 400


@ON_SQLITE
async def test_names_with_slashes_take_the_rest_of_the_path(work: Client) -> None:
    await sync(work, "meta-llama/Llama-3.3-70B:free")
    answer = await work.get("/models/work/meta-llama/Llama-3.3-70B:free")
    assert answer.json["model_id"] == "meta-llama/Llama-3.3-70B:free"
    quoted = await work.get("/models/work%2Fmeta-llama%2FLlama-3.3-70B%3Afree")
    assert quoted.json["name"] == answer.json["name"]


async def test_a_list_is_filtered_and_paged(work: Client) -> None:
    await sync(work, "gpt-4.1", "gpt-4.1-nano", "gpt-4o")
    await work.patch("/models/work/gpt-4o", {"active": True})
    first = (await work.get("/models?limit=2")).json
    rest = (await work.get(f"/models?limit=2&after={first['next']}")).json
    assert [model["model_id"] for model in first["items"] + rest["items"]] == ["gpt-4.1", "gpt-4.1-nano", "gpt-4o"]
    assert [model["name"] for model in (await work.get("/models?active=true")).json["items"]] == ["work/gpt-4o"]
    assert len((await work.get("/models?q=4.1")).json["items"]) == 2
    assert (await work.get("/models?profile=none")).status == 404
    assert (await work.get("/models?after=x")).status == 400


async def test_an_edit_of_what_was_changed_since_is_refused(work: Client) -> None:
    await sync(work, "gpt-4.1")
    assert (await work.patch("/models/work/gpt-4.1", {"hidden": True}, if_match='"1"')).headers["etag"] == '"2"'
    assert (await work.patch("/models/work/gpt-4.1", {"hidden": False}, if_match='"1"')).status == 412
    assert (await work.delete("/models/work/gpt-4.1", if_match='"1"')).status == 412
    same = await work.patch("/models/work/gpt-4.1", {"hidden": True})
    assert same.headers["etag"] == '"2"', "an edit that changes nothing makes no new revision"


@ON_SQLITE
async def test_a_near_name_is_suggested(work: Client) -> None:
    await sync(work, "gpt-4.1")
    answer = await work.get("/models/work/gpt-41")
    assert (answer.json["code"], answer.json["nearest"]) == ("model_not_found", ["work/gpt-4.1"])
    assert (await work.get("/models/gpt-4.1")).json["nearest"] == ["work/gpt-4.1"]
