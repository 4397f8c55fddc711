"""The configuration as files, over HTTP."""

from __future__ import annotations

import tomllib

import yaml

from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

FILE = """
[[profile]]
id = "work"
provider = "openai"
keys = ["env:OPENAI_API_KEY"]

[[model]]
name = "work/gpt-4o"
active = true
"""


async def test_a_file_is_planned_applied_seen_to_drift_and_undone(operator: Client) -> None:
    body = {"text": FILE, "name": "hall.toml"}
    planned = await operator.post("/configuration/plan", body)
    assert (planned.status, planned.json["created"], planned.json["changed"]) == (200, 2, 0)
    applied = await operator.post("/configuration/apply", body)
    assert [(step["action"], step["kind"], step["name"]) for step in applied.json["steps"]] == [
        ("create", "profile", "work"),
        ("create", "model", "work/gpt-4o"),
    ]
    assert applied.json["steps"][1]["fields"] >= [{"field": "active", "old": None, "new": True}]
    assert (await operator.get("/configuration/drift")).json == {"items": []}
    assert (await operator.patch("/models/work/gpt-4o", {"active": False})).status == 200
    (step,) = (await operator.get("/configuration/drift")).json["items"]
    assert step["fields"] == [{"field": "active", "old": True, "new": False}]
    assert (step["source"], step["last_changed"]["by"]) == ("file hall.toml", "owner")
    refused = await operator.post("/configuration/undo", {})
    assert (refused.status, refused.json["objects"]) == (409, ["model work/gpt-4o"])
    await operator.patch("/models/work/gpt-4o", {"active": True})
    assert (await operator.post("/configuration/undo", {})).json["deleted"] == 2
    assert (await operator.get("/models")).json["items"] == []


async def test_every_object_tells_its_source(operator: Client) -> None:
    await operator.post("/configuration/apply", {"text": FILE, "name": "hall.toml"})
    told = (await operator.get("/configuration/sources")).json["items"]
    assert {"kind": "profile", "name": "work", "source": "file hall.toml"} in told
    assert {"kind": "member", "name": "owner", "source": "person"} in told


async def test_a_mistake_is_a_problem_with_file_line_and_field(operator: Client) -> None:
    answer = await operator.post("/configuration/apply", {"text": FILE.replace("keys", "kyes"), "name": "hall.toml"})
    assert answer.status == 400
    assert {name: answer.json[name] for name in ("file", "line", "field")} == {
        "file": "hall.toml",
        "line": 5,
        "field": "profile.work.kyes",
    }


async def test_the_export_is_what_an_apply_takes_in_both_forms(operator: Client) -> None:
    await operator.post("/configuration/apply", {"text": FILE, "name": "hall.toml"})
    toml, told = [(await operator.get(f"/export?format={form}")).body.decode() for form in ("toml", "yaml")]
    assert tomllib.loads(toml) == yaml.safe_load(told)
    for name, text in (("a.toml", toml), ("a.yaml", told)):
        assert (await operator.post("/configuration/plan", {"text": text, "name": name})).json["steps"] == []


async def test_secrets_are_in_an_export_only_under_a_passphrase(operator: Client) -> None:
    text = FILE.replace('keys = ["env:OPENAI_API_KEY"]', 'headers = { x-team = "very-secret-team" }')
    await operator.post("/configuration/apply", {"text": text, "name": "hall.toml"})
    await operator.post("/profiles/work/keys", {"key": "sk-canary-of-the-export-0001"})
    short = await operator.post("/export", {"passphrase": "short"})
    assert (short.status, short.json["errors"][0]["field"]) == (400, "passphrase")
    sealed = (await operator.post("/export", {"passphrase": "long enough a phrase"})).body.decode()
    for told in (sealed, (await operator.get("/export")).body.decode()):
        assert "canary" not in told
        assert "very-secret-team" not in told
    assert tomllib.loads(sealed)["secrets"]["cipher"] == "scrypt-aes-256-gcm"


@ON_SQLITE
async def test_a_file_of_more_than_a_megabyte_is_taken(operator: Client, house: OpenHouse) -> None:
    remarks = f"# {'x' * 1000}\n" * 2000
    number = await house.database.change_number()
    answer = await operator.post("/configuration/plan", {"text": FILE + remarks, "name": "hall.toml"})
    assert (answer.status, answer.json["created"]) == (200, 2)
    assert await house.database.change_number() == number
