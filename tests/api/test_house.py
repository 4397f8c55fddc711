"""Audit, export, settings, the built-in model, backups and the master key over the control API."""

from __future__ import annotations

import tomllib
from pathlib import Path

from modelhall.storage.audit_check import first_break
from tests.support.asgi import Client
from tests.support.canaries import Canaries
from tests.support.house import ON_SQLITE, OpenHouse


async def test_every_change_writes_its_audit_row_without_secrets(
    operator: Client, house: OpenHouse, canaries: Canaries
) -> None:
    key = canaries.plant("provider key")
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": key})
    await operator.patch("/profiles/work", {"notes": "ours"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1", "gpt-4o"], "activate": True})
    await operator.patch("/models/work/gpt-4.1", {"title": "Ours"})
    await operator.put("/default-model", {"model": "work/gpt-4.1"})
    await operator.put("/prices/work/gpt-4.1", {"input_per_mtok": "1", "output_per_mtok": "2"})
    made = await operator.post("/keys", {"name": "app", "budget_usd": "1"})
    canaries.also("virtual key", made.json["key"])
    await operator.delete("/keys/app")
    await operator.delete("/models/work/gpt-4o")
    await operator.post("/profiles", {"provider": "anthropic", "id": "away"})
    await operator.delete("/profiles/away")
    listed = await operator.get("/audit")
    assert [row["action"] for row in reversed(listed.json["items"])] == [
        "organisation.create",
        "member.add",
        "profile.add",
        "profile.edit",
        "model.sync",
        "model.edit",
        "model.set_default",
        "price.set",
        "key.create",
        "key.delete",
        "model.remove",
        "profile.add",
        "profile.remove",
    ]
    assert canaries.found_in(listed.body.decode()) == []
    edit = next(row for row in listed.json["items"] if row["action"] == "profile.edit")
    assert (edit["before"]["notes"], edit["after"]["notes"], edit["actor"]) == (None, "ours", "operator")
    async with house.database.read() as connection:
        assert await first_break(connection, house.operator.organisation_id) is None


async def test_what_changes_nothing_writes_nothing(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1"], "activate": True})
    await operator.put("/default-model", {"model": "work/gpt-4.1"})
    before = (await operator.get("/audit")).json["items"]
    number = (await operator.get("/status")).json["change_number"]
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1"], "activate": True})
    await operator.put("/default-model", {"model": "work/gpt-4.1"})
    await operator.patch("/models/work/gpt-4.1", {"active": True})
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    assert (await operator.get("/audit")).json["items"] == before
    assert (await operator.get("/status")).json["change_number"] == number


async def test_the_audit_is_paged_and_asked_by_object(operator: Client) -> None:
    first = (await operator.get("/audit?limit=1")).json
    second = (await operator.get(f"/audit?limit=1&after={first['next']}")).json
    assert [page["items"][0]["action"] for page in (first, second)] == ["member.add", "organisation.create"]
    assert second["next"] is None
    assert [row["kind"] for row in (await operator.get("/audit?kind=member")).json["items"]] == ["member"]
    assert (await operator.get("/audit?after=x")).status == 400


async def test_the_export_is_toml_without_ids_times_and_secrets(operator: Client, canaries: Canaries) -> None:
    key, header = canaries.plant("provider key"), canaries.plant("header")
    odd = 'a "quoted"\nnote \\ with \x7f and ü'.replace("\x7f", "")
    body = {"provider": "openai", "id": "work", "key": key, "headers": {"x-one": header}, "notes": odd}
    await operator.post("/profiles", body)
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1"], "activate": True})
    await operator.put("/default-model", {"model": "work/gpt-4.1"})
    await operator.put("/prices/work/gpt-4.1", {"input_per_mtok": "0.10", "output_per_mtok": "2"})
    answer = await operator.get("/export")
    assert canaries.found_in(answer.body.decode()) == []
    told = tomllib.loads(answer.body.decode())
    assert told["organisation"] == {"name": "Default", "default_model": "work/gpt-4.1"}
    assert told["profile"] == [
        {"id": "work", "provider": "openai", "name": "OpenAI", "notes": odd, "header_names": ["x-one"]}
    ]
    assert told["model"][0]["price"]["usd_per_million"] == {"input": "0.1", "output": "2"}
    assert (await operator.get("/export")).body == answer.body


@ON_SQLITE
async def test_settings_say_where_they_come_from(operator: Client) -> None:
    assert (await operator.get("/settings")).json == {
        "items": [{"name": "port", "value": 8400, "source": "default", "variable": "MODELHALL_PORT"}]
    }


@ON_SQLITE
async def test_the_built_in_model_is_fetched_on_demand(operator: Client, house: OpenHouse) -> None:
    assert (await operator.get("/local")).json["state"] == "fetching"
    asked = await operator.post("/local/install")
    assert (asked.status, house.engine.asked) == (202, 1)
    assert (await operator.get("/audit")).json["items"][0]["action"] == "engine.install"


async def test_a_backup_is_handed_on_and_leaves_nothing(operator: Client, house: OpenHouse) -> None:
    answer = await operator.post("/backup")
    assert answer.status == 200
    assert answer.body[:2] == b"PK"
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert [file.name for file in house.house.data.iterdir() if file.name.startswith(".backup")] == []
    assert (await operator.get("/audit")).json["items"][0]["action"] == "backup.make"


async def test_the_master_key_is_in_a_backup_only_on_demand(
    operator: Client, house: OpenHouse, tmp_path: Path, canaries: Canaries
) -> None:
    secret = canaries.also("master key", house.house.vault.current().secret.hex())
    without, with_key = await operator.post("/backup"), await operator.post("/backup?with_key=true")
    assert b"master.key" not in without.body
    assert b"master.key" in with_key.body
    assert secret.encode() not in without.body


async def test_after_a_change_of_master_key_everything_still_opens(operator: Client, house: OpenHouse) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    made = (await operator.post("/keys", {"name": "app", "role": "viewer"}, idempotency_key="abc")).json
    assert (await operator.post("/master-key/rotate")).json == {"version": 2}
    service = Client(operator.application, {"authorization": f"Bearer {made['key']}"}, root_path=operator.root_path)
    assert (await service.get("/session")).status == 200
    again = await operator.post("/keys", {"name": "app", "role": "viewer"}, idempotency_key="abc")
    assert again.json == made
    profile = house.gateway.lookout.current()
    assert profile.number == (await operator.get("/status")).json["change_number"]
