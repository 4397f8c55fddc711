"""Profiles over the control API."""

from __future__ import annotations

import pytest

from modelhall.storage.profiles import profile_by_slug
from tests.support.asgi import Client
from tests.support.canaries import Canaries
from tests.support.house import ON_SQLITE, OpenHouse

AWAY = "https://elsewhere.example/v1"


async def test_a_profile_is_added_even_when_nobody_answers_there(operator: Client) -> None:
    added = await operator.post(
        "/profiles", {"provider": "openai-compatible", "id": "den", "base_url": "http://192.0.2.1:9/v1/"}
    )
    assert added.status == 201
    assert added.json["base_url"] == "http://192.0.2.1:9/v1"
    assert added.json["key"] == {"state": "none", "shown": None, "reference": None}
    assert added.headers["etag"] == '"1"'


async def test_without_an_id_a_profile_is_named_after_its_provider(operator: Client) -> None:
    names = [(await operator.post("/profiles", {"provider": "openai"})).json["id"] for _ in range(3)]
    assert names == ["openai", "openai-2", "openai-3"]


@ON_SQLITE
async def test_a_provider_goes_by_other_names_too(operator: Client) -> None:
    assert (await operator.post("/profiles", {"provider": "claude"})).json["provider"] == "anthropic"
    odd = await operator.post("/profiles", {"provider": "opnai"})
    assert (odd.status, odd.json["nearest"][0]) == (400, "openai")


async def test_the_key_is_sealed_for_its_address_and_never_told(
    operator: Client, house: OpenHouse, canaries: Canaries
) -> None:
    key = canaries.plant("provider key")
    added = await operator.post("/profiles", {"provider": "openai", "id": "work", "key": key})
    listed = await operator.get("/profiles")
    audit = await operator.get("/audit")
    export = await operator.get("/export")
    assert all(key not in answer.body.decode() for answer in (added, listed, audit, export))
    assert added.json["key"] == {"state": "ok", "shown": f"…{key[-4:]}", "reference": None}
    async with house.database.read() as connection:
        profile = await profile_by_slug(connection, house.operator.organisation_id, "work")
    assert profile is not None
    (secret,) = profile.secrets
    assert secret.address == "https://api.openai.com"
    assert secret.sealed is not None
    assert key.encode() not in secret.sealed
    assert house.house.credentials.keys_of(profile) == ((secret, key),)


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        {"provider": "openai", "id": "Work"},
        {"provider": "openai", "id": "a/b"},
        {"provider": "openai", "id": "local"},
        {"provider": "openai", "id": "default"},
        {"provider": "openai", "id": ""},
        {"provider": "local"},
        {"provider": "openai-compatible"},
        {"provider": "openai", "base_url": "ftp://x.example"},
        {"provider": "openai", "base_url": "https://user:word@x.example"},
        {"provider": "openai", "base_url": "http://2130706433/v1"},
        {"provider": "openai", "base_url": "http://one.example#@other.example"},
        {"provider": "openai", "key": "two words"},
        {"provider": "openai", "key": "sk-1", "key_env": "OPENAI_API_KEY"},
        {"provider": "openai", "key_env": "no name"},
        {"provider": "openai", "headers": {"host": "evil.example"}},
        {"provider": "openai", "headers": {"x-api-key": "sk-1"}},
        {"provider": "openai", "headers": {"x-note": "a\r\nb"}},
        {"provider": "openai", "unheard": 1},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(operator: Client, body: dict[str, object]) -> None:
    answer = await operator.post("/profiles", body)
    assert answer.status == 400, answer.body
    assert (await operator.get("/profiles")).json["items"] == []


async def test_only_named_fields_change_and_a_stale_edit_is_refused(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work", "notes": "ours", "region": "eu"})
    edited = await operator.patch("/profiles/work", {"notes": None, "name": "Work"}, if_match='"1"')
    assert (edited.status, edited.headers["etag"]) == (200, '"2"')
    assert (edited.json["name"], edited.json["notes"], edited.json["region"]) == ("Work", None, "eu")
    stale = await operator.patch("/profiles/work", {"name": "Late"}, if_match='"1"')
    assert (stale.status, stale.json["code"]) == (412, "stale")
    assert (await operator.delete("/profiles/work", if_match='"1"')).status == 412
    assert (await operator.patch("/profiles/work", {"name": None})).status == 400
    assert (await operator.patch("/profiles/work", {"name": "x"}, if_match="nonsense")).status == 400


async def test_a_key_does_not_move_to_another_address_by_itself(operator: Client, canaries: Canaries) -> None:
    key, other = canaries.plant("old key"), canaries.plant("new key")
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": key})
    moved = await operator.patch("/profiles/work", {"base_url": AWAY})
    assert (moved.status, moved.json["errors"][0]["field"]) == (400, "key")
    same = await operator.patch("/profiles/work", {"base_url": "https://api.openai.com/v1"})
    assert same.status == 200
    again = await operator.patch("/profiles/work", {"base_url": AWAY, "key": other})
    assert again.json["key"]["shown"] == f"…{other[-4:]}"
    without = await operator.patch("/profiles/work", {"base_url": None, "key": None})
    assert without.json["key"]["state"] == "missing"


async def test_a_yes_to_a_private_address_is_for_that_host_and_port_only(operator: Client) -> None:
    own = {"provider": "openai-compatible", "id": "den", "base_url": "http://10.0.0.7:11434/v1", "allow_private": True}
    assert (await operator.post("/profiles", own)).json["allow_private"] is True

    async def after(**edit: object) -> object:
        return (await operator.patch("/profiles/den", edit)).json["allow_private"]

    assert await after(name="Den", base_url="http://10.0.0.7:11434/v2") is True, "the same server"
    assert await after(base_url="http://10.0.0.7:22") is False, "another port"
    assert await after(allow_private=True) is True
    assert await after(base_url="http://10.0.0.8:22") is False, "another host"
    assert await after(base_url="http://10.0.0.9:22", allow_private=True) is True, "asked and said at once"
    assert await after(base_url="https://10.0.0.9:22") is False, "another scheme"


async def test_an_admin_cannot_have_the_servers_variables_sent_anywhere(operator: Client) -> None:
    made = (await operator.post("/keys", {"name": "admin", "role": "admin"})).json["key"]
    admin = Client(operator.application, {"authorization": f"Bearer {made}"}, root_path=operator.root_path)
    own = {"provider": "openai", "key_env": "OPENAI_API_KEY"}
    assert (await admin.post("/profiles", own)).json["key"] == {
        "state": "ok",
        "shown": None,
        "reference": "env:OPENAI_API_KEY",
    }
    assert (await admin.post("/profiles", own | {"base_url": AWAY})).status == 403
    assert (await admin.post("/profiles", {"provider": "openai", "key_env": "DATABASE_URL"})).status == 403
    assert (await admin.patch("/profiles/openai", {"base_url": AWAY})).status == 403
    secret = {"provider": "openai", "key_env": "MODELHALL_SECRET_X", "base_url": AWAY}
    assert (await admin.post("/profiles", secret)).json["key"]["state"] == "missing"
    assert (await operator.post("/profiles", {"provider": "openai", "key_env": "ANY_NAME"})).status == 201


async def test_the_values_of_headers_are_not_told(operator: Client, canaries: Canaries) -> None:
    token = canaries.plant("header")
    added = await operator.post("/profiles", {"provider": "openai", "id": "w", "headers": {"X-Token": token}})
    assert added.json["headers"] == {"x-token": "(hidden)"}
    assert token not in (await operator.get("/audit")).body.decode()


async def test_a_profile_goes_with_its_models_and_its_name_is_free_again(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1"]})
    assert (await operator.delete("/profiles/work")).status == 204
    assert (await operator.get("/profiles/work")).status == 404
    assert (await operator.get("/models")).json["items"] == []
    assert (await operator.post("/profiles", {"provider": "openai", "id": "work"})).status == 201


async def test_a_profile_whose_model_is_the_default_stays(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1", "gpt-4.1-nano"], "activate": True})
    await operator.put("/default-model", {"model": "work/gpt-4.1"})
    held = await operator.delete("/profiles/work")
    assert (held.status, held.json["reason"]) == (409, "is_default")
    assert (await operator.delete("/profiles/work?force=true")).json["reason"] == "is_default"


@ON_SQLITE
async def test_a_near_name_is_suggested(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    assert (await operator.get("/profiles/wrk")).json["nearest"] == ["work"]


@ON_SQLITE
async def test_providers_are_listed_with_their_key_variables(operator: Client) -> None:
    listed = (await operator.get("/providers?limit=500")).json["items"]
    assert len(listed) >= 30
    openai = (await operator.get("/providers/openai")).json
    assert openai["key_env"] == ["OPENAI_API_KEY"]
    assert "openai_chat" in openai["dialects"]
    assert (await operator.get("/providers/nobody")).status == 404
    assert (await operator.get("/providers?limit=1")).json["next"] == listed[0]["name"]
