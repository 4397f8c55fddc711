"""Keys over the control API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from modelhall.api.app import PREFIX
from modelhall.domain.people import Role
from tests.support.asgi import Client
from tests.support.canaries import Canaries
from tests.support.house import OpenHouse


def with_key(client: Client, key: str) -> Client:
    return Client(client.application, {"authorization": f"Bearer {key}"}, root_path=PREFIX)


async def test_a_key_is_told_once_and_then_only_recognised(operator: Client, canaries: Canaries) -> None:
    made = await operator.post("/keys", {"name": "app", "budget_usd": "5.00"})
    assert made.status == 201
    key = canaries.also("the new key", made.json["key"])
    shown = await operator.get(f"/keys/{made.json['id']}")
    assert "key" not in shown.json
    assert shown.json["shown"].endswith(key[-4:])
    assert shown.json["budget"] == {"limit": "5", "spent": "0", "held": "0", "left": "5"}
    assert shown.json["owner"] == "owner"
    assert key not in (await operator.get("/audit")).body.decode()


async def test_a_new_key_works_at_once_and_a_deleted_one_no_more(operator: Client, house: OpenHouse) -> None:
    made = (await operator.post("/keys", {"name": "service", "role": "viewer"})).json
    service = with_key(operator, made["key"])
    assert (await service.get("/session")).json["via"] == "key"
    assert (await operator.delete("/keys/service")).status == 204
    answer = await service.get("/session")
    assert (answer.status, answer.json["code"]) == (401, "unknown_key")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_key_may_name_the_models_it_calls(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1"], "activate": True})
    some = await operator.post("/keys", {"name": "some", "models": ["work/gpt-4.1"]})
    assert some.json["models"] == ["work/gpt-4.1"]
    assert (await operator.post("/keys", {"name": "none", "models": []})).json["models"] == []
    assert (await operator.post("/keys", {"name": "every"})).json["models"] is None
    unknown = await operator.post("/keys", {"name": "odd", "models": ["work/gpt-4.2"]})
    assert (unknown.status, unknown.json["code"]) == (404, "model_not_found")
    assert unknown.json["nearest"] == ["work/gpt-4.1"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "a\nb"}, 400, "name"),
        ({"name": "a\x00b"}, 400, "name"),
        ({"name": "a", "budget_usd": "1e9999999"}, 400, "budget_usd"),
        ({"name": "a", "budget_usd": "-1"}, 400, "budget_usd"),
        ({"name": "a", "budget_usd": "0.0000000001"}, 400, "budget_usd"),
        ({"name": "a", "budget_usd": 5}, 400, "budget_usd"),
        ({"name": "a", "expires": "2020-01-01T00:00:00Z"}, 400, "expires"),
        ({"name": "a", "expires": "2999-01-01T00:00:00"}, 400, "expires"),
        ({"name": "a", "role": "king"}, 400, "role"),
        ({"name": "a", "colour": "red"}, 400, "colour"),
        ({}, 400, "name"),
    ],
    ids=str,
)
async def test_a_wrong_field_is_named_and_nothing_is_made(
    operator: Client, body: dict[str, object], status: int, field: str
) -> None:
    answer = await operator.post("/keys", body)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert (await operator.get("/keys")).json["items"] == []


async def test_what_is_not_there_yet_is_said_plainly(operator: Client) -> None:
    project = await operator.post("/keys", {"name": "a", "project": "moon"})
    assert (project.status, project.json["detail"]) == (
        404,
        "there is no project 'moon'; `modelhall project list` shows what there is",
    )
    owner = await operator.post("/keys", {"name": "a", "owner": "ann"})
    assert (owner.status, owner.json["detail"]) == (404, "there is no member 'ann'")


async def test_a_taken_name_is_a_conflict(operator: Client) -> None:
    await operator.post("/keys", {"name": "app"})
    again = await operator.post("/keys", {"name": "app"})
    assert (again.status, again.json["code"]) == (409, "already_exists")


async def test_an_expired_key_says_when_it_expired(operator: Client, house: OpenHouse) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = await operator.post("/keys", {"name": "brief", "role": "viewer", "expires": soon.isoformat()})
    house.clock.ahead = soon + timedelta(seconds=1)
    answer = await with_key(operator, made.json["key"]).get("/session")
    assert (answer.status, answer.json["code"]) == (401, "key_expired")


async def test_a_page_says_after_which_key_the_rest_comes(operator: Client) -> None:
    for number in range(5):
        await operator.post("/keys", {"name": f"key-{number}"})
    first = (await operator.get("/keys?limit=2")).json
    second = (await operator.get(f"/keys?limit=2&after={first['next']}")).json
    third = (await operator.get(f"/keys?limit=2&after={second['next']}")).json
    names = [key["name"] for page in (first, second, third) for key in page["items"]]
    assert names == [f"key-{number}" for number in range(5)]
    assert third["next"] is None
    assert (await operator.get("/keys?after=nonsense")).status == 400
    assert (await operator.get("/keys?limit=501")).status == 400


async def test_a_member_sees_and_deletes_only_own_keys(operator: Client, house: OpenHouse) -> None:
    await house.member("ann", Role.MEMBER)
    theirs = (await operator.post("/keys", {"name": "theirs", "owner": "ann"})).json
    service = (await operator.post("/keys", {"name": "anns", "owner": "ann", "role": "member"})).json
    own = (await operator.post("/keys", {"name": "own"})).json
    ann = with_key(operator, service["key"])
    assert {key["name"] for key in (await ann.get("/keys")).json["items"]} == {"theirs", "anns"}
    foreign, absent = await ann.get(f"/keys/{own['id']}"), await ann.get("/keys/no-such-key")
    assert (foreign.status, absent.status) == (404, 404)
    assert (await ann.delete(f"/keys/{own['id']}")).status == 404
    assert (await ann.delete(f"/keys/{theirs['id']}")).status == 204
    assert (await ann.post("/keys", {"name": "for-owner", "owner": "owner"})).status == 404
    assert (await ann.post("/keys", {"name": "stronger", "role": "viewer"})).json["code"] == "role_too_low"
    assert (await ann.post("/keys", {"name": "mine"})).json["owner"] == "ann"


async def test_a_key_may_not_do_more_than_its_owner(operator: Client, house: OpenHouse) -> None:
    await house.member("vic", Role.VIEWER)
    answer = await operator.post("/keys", {"name": "too-much", "owner": "vic", "role": "admin"})
    assert (answer.status, answer.json["code"]) == (403, "role_too_low")
