"""Projects over the control API."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from modelhall.domain.people import Role
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse


@pytest.fixture
async def den(operator: Client) -> Client:
    """The operator's client, with a profile `den` that has three models."""
    await operator.post("/profiles", {"provider": "openai-compatible", "id": "den", "base_url": "http://192.0.2.1:9"})
    await operator.post("/profiles/den/sync", {"models": ["a", "b", "c"], "activate": True})
    return operator


async def test_a_project_is_created_shown_edited_and_deleted(den: Client) -> None:
    body: dict[str, Any] = {
        "id": "web",
        "name": "Web",
        "models": ["den/a", "den/b"],
        "default_model": "den/a",
        "parameters": {"temperature": 0, "max_tokens": 100, "top_p": None},
        "notes": "Ours.",
    }
    made = await den.post("/projects", body)
    assert (made.status, made.headers["etag"]) == (201, '"1"')
    assert made.json == {**body, "parameters": {"temperature": 0, "max_tokens": 100}, "keys": 0, "revision": 1}
    assert (await den.get("/projects/web")).json == made.json
    assert (await den.get("/projects")).json["items"] == [made.json]
    edit = {"parameters": {"temperature": None, "stop": ["END"]}, "models": None, "notes": None}
    edited = await den.patch("/projects/web", edit, if_match='"1"')
    assert edited.json == {
        **made.json, "parameters": {"max_tokens": 100, "stop": ["END"]}, "models": None, "notes": None, "revision": 2,
    }  # fmt: skip
    assert (await den.patch("/projects/web", {"name": "x"}, if_match='"1"')).status == 412
    assert (await den.delete("/projects/web", if_match='"1"')).status == 412
    assert (await den.delete("/projects/web")).status == 204
    assert (await den.get("/projects/web")).status == 404
    actions = [row["action"] for row in (await den.get("/audit")).json["items"]]
    assert {"project.create", "project.edit", "project.delete"} <= set(actions)


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"id": "Web"}, 400, "id"),
        ({"id": "x", "name": ""}, 400, "name"),
        ({"id": "x", "models": ["den/none"]}, 404, "none"),
        ({"id": "x", "default_model": "den/none"}, 404, "none"),
        ({"id": "x", "models": ["den/a"], "default_model": "den/b"}, 400, "default_model"),
        ({"id": "x", "parameters": {"temperature": 3}}, 400, "parameters.temperature"),
        ({"id": "x", "parameters": {"temperature": True}}, 400, "parameters.temperature"),
        ({"id": "x", "parameters": {"max_tokens": 0}}, 400, "parameters.max_tokens"),
        ({"id": "x", "parameters": {"stop": "END"}}, 400, "parameters.stop"),
        ({"id": "x", "parameters": {"reasoning_effort": "huge"}}, 400, "parameters.reasoning_effort"),
        ({"id": "x", "parameters": {"messages": ["x"]}}, 400, "parameters.messages"),
        ({"id": "x", "unheard": 1}, 400, "unheard"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused_with_the_reason(
    den: Client, body: dict[str, Any], status: int, word: str
) -> None:
    refused = await den.post("/projects", body)
    assert refused.status == status
    assert word in refused.json["detail"]


async def test_a_projects_id_is_there_once_and_free_after_its_deletion(den: Client) -> None:
    assert (await den.post("/projects", {"id": "web"})).status == 201
    assert (await den.post("/projects", {"id": "web"})).json["code"] == "already_exists"
    await den.delete("/projects/web")
    assert (await den.post("/projects", {"id": "web"})).status == 201


async def test_keys_are_made_in_a_project_and_hold_it(den: Client) -> None:
    await den.post("/projects", {"id": "web"})
    key = await den.post("/keys", {"name": "ci", "project": "web"})
    assert key.status == 201
    assert (await den.get("/projects/web")).json["keys"] == 1
    held = await den.delete("/projects/web")
    assert (held.status, held.json["reason"], held.json["uses"]) == (409, "in_use", [{"kind": "key", "name": "ci"}])
    await den.delete("/keys/ci")
    assert (await den.delete("/projects/web")).status == 204


@ON_SQLITE
async def test_a_model_that_a_project_names_is_in_use(den: Client) -> None:
    await den.post("/projects", {"id": "web", "models": ["den/a"], "default_model": "den/a"})
    held = await den.delete("/models/den/a")
    assert held.status == 409
    assert held.json["uses"] == [
        {"kind": "project", "name": "web", "model": "den/a"},
        {"kind": "project_default", "name": "web", "model": "den/a"},
    ]
    assert (await den.delete("/models/den/a?force=true")).status == 204
    shown = (await den.get("/projects/web")).json
    assert (shown["models"], shown["default_model"]) == ([], None)


@ON_SQLITE
async def test_a_member_sees_projects_and_changes_none(den: Client, house: OpenHouse) -> None:
    await house.member("m", Role.MEMBER)
    key = (await den.post("/keys", {"name": "m", "role": "member", "owner": "m"})).json["key"]
    member = Client(den.application, {"authorization": f"Bearer {key}"}, root_path=den.root_path)
    assert (await member.get("/projects")).status == 200
    assert (await member.post("/projects", {"id": "web"})).json["code"] == "role_too_low"


@ON_SQLITE
async def test_the_export_has_projects(den: Client) -> None:
    await den.post("/projects", {"id": "web", "models": ["den/a"], "parameters": {"temperature": 0.5, "stop": ["END"]}})
    await den.post("/projects", {"id": "bare", "models": []})
    told = tomllib.loads((await den.get("/export")).body.decode())
    assert told["project"] == [
        {"id": "bare", "name": "bare", "models": []},
        {"id": "web", "name": "web", "models": ["den/a"], "parameters": {"temperature": 0.5, "stop": ["END"]}},
    ]
