"""Several provider keys of a profile over the control API."""

from __future__ import annotations

from typing import Any

import pytest

from modelhall.domain.library import Profile
from modelhall.domain.people import Role
from modelhall.services.start.find_environment import find_environment
from modelhall.storage.profiles import mark_secret_refused, profile_by_slug
from tests.support.asgi import Client
from tests.support.canaries import Canaries
from tests.support.house import ON_SQLITE, OpenHouse

AWAY = "https://elsewhere.example/v1"


@pytest.fixture
async def work(operator: Client, canaries: Canaries) -> Client:
    """The operator of a house with a profile `work` of OpenAI that has one key."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": canaries.plant("first key")})
    return operator


async def keys_of(client: Client, profile: str = "work") -> list[Any]:
    return (await client.get(f"/profiles/{profile}/keys")).json["items"]


async def stored(house: OpenHouse, slug: str = "work") -> Profile:
    async with house.database.read() as connection:
        profile = await profile_by_slug(connection, house.operator.organisation_id, slug)
    assert profile is not None
    return profile


async def refuse(house: OpenHouse, number: int, slug: str = "work") -> None:
    """As the data plane does when a provider says 401."""
    secret = (await stored(house, slug)).secrets[number]
    async with house.database.change(house.operator) as change:
        await mark_secret_refused(change.connection, secret.id, "401: no such key")
        await change.audit("profile.refuse_key", "profile", secret.id, slug)


async def test_a_second_key_comes_after_the_first_and_is_bound_to_the_same_address(
    work: Client, house: OpenHouse, canaries: Canaries
) -> None:
    second = canaries.plant("second key")
    added = await work.post("/profiles/work/keys", {"key": second})
    assert (added.status, added.headers["etag"]) == (201, '"2"')
    assert (added.json["shown"], added.json["position"]) == (f"…{second[-4:]}", 2)
    named = (await work.post("/profiles/work/keys", {"key_env": "OPENAI_API_KEY"})).json
    assert (named["reference"], named["shown"], named["state"]) == ("env:OPENAI_API_KEY", None, "ok")
    missing = (await work.post("/profiles/work/keys", {"key_env": "NOT_SET"})).json
    assert missing["state"] == "missing"
    found = await keys_of(work)
    assert [each["position"] for each in found] == [1, 2, 3, 4]
    assert {each["address"] for each in found} == {"https://api.openai.com"}
    profile = await stored(house)
    assert house.house.credentials.open_sealed(profile.secrets[1]) == second
    assert (await work.get("/profiles/work")).json["keys"] == 4


async def test_no_key_is_told_anywhere(work: Client, canaries: Canaries) -> None:
    key = canaries.plant("one more key")
    added = await work.post("/profiles/work/keys", {"key": key}, idempotency_key="once")
    again = await work.post("/profiles/work/keys", {"key": key}, idempotency_key="once")
    twice = await work.post("/profiles/work/keys", {"key": key})
    assert (added.status, again.body, twice.json["code"]) == (201, added.body, "already_exists")
    listed, audit = await work.get("/profiles/work/keys"), await work.get("/audit")
    await work.delete(f"/profiles/work/keys/{added.json['id']}")
    answers = (added, again, twice, listed, audit, await work.get("/audit"), await work.get("/profiles/work"))
    assert all(key not in answer.body.decode() for answer in answers)


async def test_a_key_is_removed_by_id_shown_form_or_variable(work: Client, house: OpenHouse) -> None:
    first = (await keys_of(work))[0]
    await work.post("/profiles/work/keys", {"key": "sk-0123456789-abcd"})
    await work.post("/profiles/work/keys", {"key_env": "OPENAI_API_KEY"})
    await work.post("/profiles/work/keys", {"key": "sk-0123456789-efgh"})
    assert (await work.delete("/profiles/work/keys/%E2%80%A6abcd")).status == 204
    assert (await work.delete("/profiles/work/keys/OPENAI_API_KEY")).status == 204
    assert (await work.delete(f"/profiles/work/keys/{first['id']}")).status == 204
    assert (await work.delete(f"/profiles/work/keys/{first['id']}")).status == 404
    assert [each["shown"] for each in await keys_of(work)] == ["…efgh"]
    assert len((await stored(house)).secrets) == 1


async def test_two_keys_that_look_the_same_are_told_apart_by_id_only(work: Client) -> None:
    for key in ("sk-0123456789-abcd", "sk-9876543210-abcd"):
        await work.post("/profiles/work/keys", {"key": key})
    both = await work.delete("/profiles/work/keys/...abcd")
    assert (both.status, both.json["reason"], len(both.json["ids"])) == (409, "ambiguous", 2)
    assert (await work.delete(f"/profiles/work/keys/{both.json['ids'][1]}")).status == 204
    assert (await work.delete("/profiles/work/keys/abcd")).status == 204


async def test_the_last_key_stays_where_the_provider_needs_one(work: Client) -> None:
    (only,) = await keys_of(work)
    held = await work.delete(f"/profiles/work/keys/{only['id']}")
    assert (held.status, held.json["reason"]) == (409, "last_key")
    body = {"provider": "openai-compatible", "id": "den", "base_url": "http://192.0.2.1:9/v1", "key": "sk-den"}
    await work.post("/profiles", body)
    (only,) = await keys_of(work, "den")
    assert (await work.delete(f"/profiles/den/keys/{only['id']}")).status == 204
    assert (await work.get("/profiles/den")).json["key"]["state"] == "none"


async def test_a_refused_key_is_shown_and_can_be_used_again(work: Client, house: OpenHouse) -> None:
    await work.post("/profiles/work/keys", {"key_env": "OPENAI_API_KEY"})
    await refuse(house, 0)
    first, second = await keys_of(work)
    assert (first["state"], first["refused_because"], second["state"]) == ("refused", "401: no such key", "ok")
    assert first["refused_at"] is not None
    assert (await work.get("/profiles/work")).json["key"]["state"] == "ok", "another key is left"
    accepted = await work.post(f"/profiles/work/keys/{first['id']}/accept")
    assert (accepted.status, accepted.json) == (
        200,
        {**first, "state": "ok", "refused_at": None, "refused_because": None},
    )
    number = await house.database.change_number()
    assert (await work.post(f"/profiles/work/keys/{first['id']}/accept")).json == accepted.json
    assert await house.database.change_number() == number, "nothing was left to change"
    snapshot = house.gateway.desk.snapshot.libraries[house.operator.organisation_id]
    assert snapshot is not None
    assert (await stored(house)).secrets[0].refused_at is None
    row = next(row for row in (await work.get("/audit")).json["items"] if row["action"] == "profile.accept_key")
    assert row["before"]["refused_because"] == "401: no such key"


async def test_replacing_the_key_of_a_profile_replaces_all_of_them(work: Client, house: OpenHouse) -> None:
    await work.post("/profiles/work/keys", {"key": "sk-0123456789-abcd"})
    await refuse(house, 0)
    await work.patch("/profiles/work", {"key": "sk-0123456789-efgh"})
    (only,) = await keys_of(work)
    assert (only["shown"], only["state"]) == ("…efgh", "ok")


async def test_at_another_address_no_key_counts_as_refused_and_sealed_ones_stay_behind(
    work: Client, house: OpenHouse
) -> None:
    await work.post("/profiles/work/keys", {"key_env": "OPENAI_API_KEY"})
    await refuse(house, 0)
    await refuse(house, 1)
    assert (await work.patch("/profiles/work", {"base_url": AWAY})).status == 400, "a sealed key cannot move"
    assert [each["state"] for each in await keys_of(work)] == ["refused", "refused"]
    await work.patch("/profiles/work", {"base_url": "https://api.openai.com/v2"})
    assert [each["state"] for each in await keys_of(work)] == ["ok", "ok"], "the same server at another path"
    await refuse(house, 1)
    await work.delete(f"/profiles/work/keys/{(await keys_of(work))[0]['id']}")
    moved = await work.patch("/profiles/work", {"base_url": AWAY})
    assert moved.json["key"] == {"state": "ok", "shown": None, "reference": "env:OPENAI_API_KEY"}
    assert [(each["state"], each["address"]) for each in await keys_of(work)] == [("ok", "https://elsewhere.example")]
    named = await work.patch("/profiles/work", {"name": "Work"})
    await refuse(house, 0)
    await work.patch("/profiles/work", {"name": "Again"}, if_match=named.headers["etag"])
    assert [each["state"] for each in await keys_of(work)] == ["refused"], "a name is no reason to try again"


async def test_a_key_added_to_a_profile_of_the_environment_is_there_after_the_next_start(
    operator: Client, house: OpenHouse
) -> None:
    await find_environment(house.house)
    assert (await operator.get("/profiles/openai")).json["origin"] == "environment"
    await operator.post("/profiles/openai/keys", {"key": "sk-0123456789-abcd"})
    assert "openai" not in await find_environment(house.house)
    assert [each["reference"] or each["shown"] for each in await keys_of(operator, "openai")] == [
        "env:OPENAI_API_KEY",
        "…abcd",
    ]


async def test_a_stale_profile_takes_no_key(work: Client) -> None:
    assert (await work.get("/profiles/work/keys")).headers["etag"] == '"1"'
    assert (await work.post("/profiles/work/keys", {"key": "sk-1"}, if_match='"7"')).status == 412
    assert (await work.post("/profiles/work/keys", {"key": "sk-1"}, if_match='"1"')).status == 201
    (first, _) = await keys_of(work)
    assert (await work.delete(f"/profiles/work/keys/{first['id']}", if_match='"1"')).status == 412


@ON_SQLITE
async def test_the_export_names_the_variables_of_all_keys(work: Client) -> None:
    await work.post("/profiles/work/keys", {"key_env": "OPENAI_API_KEY"})
    assert 'keys = ["env:OPENAI_API_KEY"]' in (await work.get("/export")).body.decode()
    await work.post("/profiles/work/keys", {"key_env": "OPENAI_KEY_2"})
    assert 'keys = ["env:OPENAI_API_KEY", "env:OPENAI_KEY_2"]' in (await work.get("/export")).body.decode()


@ON_SQLITE
async def test_a_profile_has_at_most_32_keys(work: Client) -> None:
    for number in range(31):
        assert (await work.post("/profiles/work/keys", {"key": f"sk-number-{number}"})).status == 201
    full = await work.post("/profiles/work/keys", {"key": "sk-one-too-many"})
    assert (full.status, full.json["reason"]) == (409, "too_many")
    assert len(await keys_of(work)) == 32


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [{}, {"key": "sk-1", "key_env": "OPENAI_API_KEY"}, {"key": "two words"}, {"key": ""}, {"key_env": "no name"}],
    ids=str,
)
async def test_what_is_no_key_is_refused(work: Client, body: object) -> None:
    assert (await work.post("/profiles/work/keys", body)).status == 400
    assert len(await keys_of(work)) == 1


@ON_SQLITE
async def test_the_built_in_models_profile_takes_no_key(work: Client, house: OpenHouse) -> None:
    await find_environment(house.house)
    assert (await work.post("/profiles/local/keys", {"key": "sk-1"})).status == 400


@ON_SQLITE
async def test_an_admin_names_no_variable_that_is_not_the_providers(work: Client, house: OpenHouse) -> None:
    await house.member("ada", Role.ADMIN)
    made = (await work.post("/keys", {"name": "ada", "role": "admin", "owner": "ada"})).json["key"]
    admin = Client(work.application, {"authorization": f"Bearer {made}"}, root_path=work.root_path)
    assert (await admin.post("/profiles/work/keys", {"key_env": "DATABASE_URL"})).status == 403
    assert (await admin.post("/profiles/work/keys", {"key_env": "OPENAI_API_KEY"})).status == 201
    assert (await admin.post("/profiles/work/keys", {"key_env": "OPENAI_API_KEY"})).json["code"] == "already_exists"
