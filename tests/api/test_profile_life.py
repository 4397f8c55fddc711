"""A profile's labels, switch, place, removal and return, and its connection test, over the control API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from modelhall.domain.people import Role
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.storage.profiles import profile_by_slug
from tests.gateway.upstream import Sent, scripted
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse, open_test_house

DEN: dict[str, Any] = {"provider": "openai-compatible", "id": "den", "base_url": "http://192.0.2.1:9/v1"}


@pytest.fixture
async def den(operator: Client) -> Client:
    """The operator's client, with a profile `den` that has a key and two models."""
    await operator.post("/profiles", {**DEN, "key": "sk-1234567890abcdef"})
    await operator.post("/profiles/den/sync", {"models": ["a", "b"], "activate": True})
    return operator


async def test_labels_are_kept_in_small_letters_and_can_be_taken_away(operator: Client) -> None:
    added = await operator.post("/profiles", {**DEN, "purpose": "Production", "residency": "eu-west"})
    assert (added.json["purpose"], added.json["residency"]) == ("production", "eu-west")
    edited = await operator.patch("/profiles/den", {"purpose": None, "residency": "us"})
    assert (edited.json["purpose"], edited.json["residency"]) == (None, "us")
    assert (await operator.patch("/profiles/den", {"purpose": "two words"})).status == 400
    assert 'residency = "us"' in (await operator.get("/export")).body.decode()


async def test_a_profile_is_switched_off_and_on(den: Client) -> None:
    off = await den.patch("/profiles/den", {"enabled": False})
    assert off.json["enabled"] is False
    asked = {"request": {"model": "den/a", "messages": []}}
    refused = (await den.post("/explain", asked)).json["refusal"]
    assert refused["code"] == "model_quarantined"
    assert "enabled = false" in (await den.get("/export")).body.decode()
    assert (await den.patch("/profiles/den", {"enabled": True})).json["enabled"] is True
    assert (await den.post("/explain", asked)).json["refusal"] is None


@ON_SQLITE
async def test_the_defaults_profile_stays_on(den: Client) -> None:
    await den.put("/default-model", {"model": "den/a"})
    refused = await den.patch("/profiles/den", {"enabled": False})
    assert (refused.status, refused.json["reason"]) == (409, "is_default")


@ON_SQLITE
async def test_the_order_of_profiles_decides_what_a_bare_name_means(den: Client) -> None:
    await den.post("/profiles", {**DEN, "id": "other"})
    await den.post("/profiles/other/sync", {"models": ["a"], "activate": True})
    asked = {"request": {"model": "a", "messages": []}}
    assert (await den.post("/explain", asked)).json["model"] == "den/a"
    await den.patch("/profiles/other", {"position": 0})
    assert (await den.post("/explain", asked)).json["model"] == "other/a"


async def test_what_would_break_is_told_before(den: Client) -> None:
    assert (await den.get("/profiles/den/uses")).json == {"models": ["den/a", "den/b"], "uses": []}
    await den.put("/default-model", {"model": "den/a"})
    await den.put("/aliases/fast", {"models": ["den/b"]})
    await den.post("/projects", {"id": "web", "models": ["den/b"]})
    await den.post("/keys", {"name": "ci", "models": ["den/b"]})
    uses = (await den.get("/profiles/den/uses")).json["uses"]
    assert [(use["kind"], use["name"], use["model"]) for use in uses] == [
        ("default", "default", "den/a"),
        ("key", "ci", "den/b"),
        ("alias", "fast", "den/b"),
        ("project", "web", "den/b"),
    ]


async def test_a_removed_profile_comes_back_with_its_models_but_without_its_key(den: Client, house: OpenHouse) -> None:
    await den.patch("/models/den/b", {"active": False})
    assert (await den.delete("/profiles/den")).status == 204
    (gone,) = (await den.get("/removed-profiles")).json["items"]
    assert (gone["id"], gone["provider"]) == ("den", "openai-compatible")
    back = await den.post("/profiles/den/restore")
    assert (back.status, back.json["models"], back.json["key"]["state"]) == (200, 2, "none")
    models = (await den.get("/models?profile=den")).json["items"]
    assert {model["name"]: model["active"] for model in models} == {"den/a": True, "den/b": False}
    async with house.database.read() as connection:
        profile = await profile_by_slug(connection, house.operator.organisation_id, "den")
    assert profile is not None
    assert profile.secrets == ()
    assert (await den.get("/removed-profiles")).json["items"] == []


async def test_a_key_by_reference_comes_back_too(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "env:OPENAI_API_KEY"})
    await operator.delete("/profiles/work")
    assert (await operator.post("/profiles/work/restore")).json["key"] == {
        "state": "ok", "shown": None, "reference": "env:OPENAI_API_KEY",
    }  # fmt: skip


@ON_SQLITE
async def test_what_was_removed_before_stays_removed(den: Client) -> None:
    await den.delete("/models/den/a")
    await den.delete("/profiles/den")
    assert (await den.post("/profiles/den/restore")).json["models"] == 1


@ON_SQLITE
async def test_a_profile_whose_id_was_given_away_stays_removed(den: Client) -> None:
    await den.delete("/profiles/den")
    await den.post("/profiles", DEN)
    refused = await den.post("/profiles/den/restore")
    assert (refused.status, refused.json["reason"]) == (409, "id_taken")
    assert (await den.post("/profiles/never/restore")).status == 404
    await den.delete("/profiles/den")
    assert (await den.post("/profiles/den/restore")).json["models"] == 0, "the one that was removed last"


@ON_SQLITE
@pytest.mark.parametrize(
    "key", ["${OPENAI_API_KEY}", "$OPENAI_API_KEY", "os.environ/OPENAI_API_KEY", "ENV:X", "{{key}}"]
)
async def test_a_key_that_looks_like_a_reference_elsewhere_is_a_key_here(
    operator: Client, house: OpenHouse, key: str
) -> None:
    await operator.post("/profiles", {**DEN, "key": key, "headers": {"x-note": "env:OPENAI_API_KEY"}})
    async with house.database.read() as connection:
        profile = await profile_by_slug(connection, house.operator.organisation_id, "den")
    assert profile is not None
    ((_, held),) = house.house.credentials.keys_of(profile)
    assert held == key
    assert profile.headers == {"x-note": "env:OPENAI_API_KEY"}


@ON_SQLITE
async def test_an_admin_of_the_page_names_only_what_was_set_for_that(operator: Client, house: OpenHouse) -> None:
    await house.member("a", Role.ADMIN)
    key = (await operator.post("/keys", {"name": "a", "role": "admin", "owner": "a"})).json["key"]
    admin = Client(operator.application, {"authorization": f"Bearer {key}"}, root_path=operator.root_path)
    for word, status in (
        ("env:PATH", 403),
        ("env:MODELHALL_MASTER_KEY", 403),
        ("env:OPENAI_API_KEY", 403),
        ("env:no name", 400),
        ("env:", 400),
        ("file:/etc/passwd", 403),
        ("file:x", 400),
        ("file:../x", 400),
        ("env:MODELHALL_SECRET_DEN", 201),
    ):
        assert (await admin.post("/profiles", {**DEN, "id": None, "key": word})).status == status, word
    own = {"provider": "openai", "key": "env:OPENAI_API_KEY"}
    assert (await admin.post("/profiles", {**own, "id": "own"})).status == 201
    assert (await admin.post("/profiles", {**own, "id": "away", "base_url": DEN["base_url"]})).status == 403
    assert (await operator.post("/profiles", {**DEN, "id": "ops", "key": "env:PATH"})).status == 201


@ON_SQLITE
async def test_a_connection_is_tested_before_and_after_it_is_stored(operator: Client) -> None:
    async def anything(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"hello": "world"})

    async with scripted() as server:
        server.script = anything
        wish = {**DEN, "base_url": server.address, "allow_private": True, "key": "sk-1234567890abcdef"}
        new = await operator.post("/profiles/test", wish)
        assert (await operator.get("/profiles/den")).status == 404
        await operator.post("/profiles", wish)
        stored = await operator.post("/profiles/den/test")
    for answer in (new, stored):
        assert (answer.status, answer.json["ok"], answer.json["cause"]) == (200, False, "not_a_list")
        assert (answer.json["key"], answer.json["address"]) == ("…cdef", f"{server.address}/models")
        assert "base URL" in answer.json["next"]
        assert "sk-1234567890" not in answer.body.decode()
    assert (await operator.post("/profiles/none/test")).status == 404
    assert (await operator.post("/profiles/test", {"provider": "opnai"})).status == 400


async def test_a_key_in_a_file_is_read_again_when_it_changes(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "den").write_text("sk-first\n")
    async with open_test_house(database_url, tmp_path, secrets_dir=folder) as opened:
        await add_profile(opened.house, opened.operator, NewProfile(**DEN, key="file:den"))
        async with opened.database.read() as connection:
            profile = await profile_by_slug(connection, opened.operator.organisation_id, "den")
        assert profile is not None
        assert profile.secrets[0].reference == "file:den"
        assert opened.house.credentials.keys_of(profile)[0][1] == "sk-first"
        provider = opened.house.providers[profile.provider]
        line = opened.house.lines.line_of(profile, provider)
        (folder / "den").write_text("sk-second\n")
        assert opened.house.credentials.files.changed() == ["den"]
        opened.house.lines.forget()
        assert opened.house.lines.line_of(profile, provider) is not line
        assert opened.house.credentials.keys_of(profile)[0][1] == "sk-second"


@ON_SQLITE
async def test_the_usual_examples_of_compatible_servers_work(operator: Client) -> None:
    seen: list[Sent] = []

    async def listing(sent: Sent, _request: web.Request) -> web.StreamResponse:
        seen.append(sent)
        return web.json_response({"object": "list", "data": [{"id": "llama-local"}]})

    cloud = {"provider": "openai-compatible", "id": "cloud", "base_url": "https://api.cloud-provider.com/v1"}
    assert (await operator.post("/profiles", cloud)).json["base_url"] == "https://api.cloud-provider.com/v1"
    async with scripted() as server:
        server.script = listing
        local = server.address.replace("127.0.0.1", "localhost")
        wish = {"provider": "openai-compatible", "id": "local-llm", "base_url": local, "key": "local-key"}
        await operator.post("/profiles", {**wish, "allow_private": True})
        tried = (await operator.post("/profiles/local-llm/test")).json
        synced = (await operator.post("/profiles/local-llm/sync", {})).json
    assert (tried["ok"], tried["models"], tried["key"]) == (True, ["llama-local"], "…")
    assert synced["results"][0]["model"] == "local-llm/llama-local"
    assert {sent.headers["Authorization"] for sent in seen} == {"Bearer local-key"}
