"""Aliases over the control API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

OWN = "http://192.0.2.1:9/v1"


@pytest.fixture
async def work(operator: Client) -> Client:
    """The operator of a house with two priced models in the profile `work`, and one in `work` and `den` alike."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1", "gpt-4.1-nano", "small"], "activate": True})
    await operator.post("/profiles", {"provider": "openai-compatible", "id": "den", "base_url": OWN})
    await operator.post("/profiles/den/sync", {"models": ["small", "org/large"], "activate": True})
    return operator


async def put(client: Client, name: str, *models: str, **more: object) -> Any:
    """Sets an alias; the answer, which must not be a refusal."""
    answer = await client.put(f"/aliases/{name}", {"models": models, **more})
    assert answer.status == 200, answer.body
    return answer.json


async def test_an_alias_is_made_shown_replaced_and_deleted(work: Client) -> None:
    made = await put(work, "fast", "work/gpt-4.1", "work/gpt-4.1-nano")
    assert (made["models"], made["before"]) == (["work/gpt-4.1", "work/gpt-4.1-nano"], None)
    assert made["targets"] == [
        {"model": "work/gpt-4.1", "input_per_mtok": "2", "output_per_mtok": "8", "unreachable": None},
        {"model": "work/gpt-4.1-nano", "input_per_mtok": "0.1", "output_per_mtok": "0.4", "unreachable": None},
    ]
    again = await put(work, "fast", "work/gpt-4.1-nano", ceiling_usd_per_mtok="0.50")
    assert again["before"] == {name: made[name] for name in again["before"]}
    shown = (await work.get("/aliases/fast")).json
    assert shown == {name: again[name] for name in shown}
    assert (shown["models"], shown["ceiling_usd_per_mtok"]) == (["work/gpt-4.1-nano"], "0.50")
    assert (await work.get("/aliases")).json == {"items": [shown], "next": None}
    assert (await work.delete("/aliases/fast")).json == shown
    assert (await work.get("/aliases/fast")).status == 404
    assert (await put(work, "fast", *shown["models"]))["before"] is None


async def test_each_change_of_an_alias_is_in_the_audit_and_one_that_changes_nothing_is_not(work: Client) -> None:
    await put(work, "fast", "work/gpt-4.1", ceiling_usd_per_mtok="3")
    await put(work, "fast", "work/gpt-4.1", ceiling_usd_per_mtok="3.00")
    await put(work, "fast", "work/gpt-4.1-nano")
    await work.delete("/aliases/fast")
    rows = [row for row in (await work.get("/audit")).json["items"] if row["kind"] == "alias"]
    first = {"name": "fast", "models": ["work/gpt-4.1"], "ceiling_usd_per_mtok": "3"}
    second = {"name": "fast", "models": ["work/gpt-4.1-nano"], "ceiling_usd_per_mtok": None}
    assert [(row["action"], row["before"], row["after"]) for row in rows] == [
        ("alias.delete", second, None),
        ("alias.set", first, second),
        ("alias.set", None, first),
    ]


async def test_the_data_plane_sees_order_and_ceiling_at_once(work: Client, house: OpenHouse) -> None:
    await put(work, "fast", "den/small", "work/gpt-4.1", ceiling_usd_per_mtok="0.075")
    library = house.gateway.desk.snapshot.libraries[house.operator.organisation_id]
    alias = library.aliases["fast"]
    assert [library.targets[each].model.public_name for each in alias.model_ids] == ["den/small", "work/gpt-4.1"]
    assert alias.ceiling_usd_per_mtok == Decimal("0.075")
    await work.delete("/aliases/fast")
    assert house.gateway.desk.snapshot.libraries[house.operator.organisation_id].aliases == {}


async def test_a_bare_id_means_the_first_profile_that_has_it(work: Client) -> None:
    assert (await put(work, "tiny", "small", "org/large"))["models"] == ["work/small", "den/org/large"]
    await work.patch("/profiles/den", {"position": 0})
    assert (await put(work, "tiny", "small"))["models"] == ["den/small"]


async def test_a_target_that_is_never_used_is_kept_and_told_why(work: Client) -> None:
    def why(made: Any) -> list[str | None]:
        return [target["unreachable"] for target in made["targets"]]

    dearer = why(await put(work, "fast", "work/gpt-4.1-nano", "work/gpt-4.1"))
    assert dearer == [
        None,
        "its price for input of $2 per million tokens is dearer than the first target's $0.1",
    ]
    over = why(await put(work, "fast", "work/gpt-4.1-nano", "work/gpt-4.1", ceiling_usd_per_mtok="7.99"))
    assert over[1] == "its price for output of $8 per million tokens is over the ceiling of $7.99"
    assert why(await put(work, "fast", "work/gpt-4.1-nano", "work/gpt-4.1", ceiling_usd_per_mtok="8"))[1] is None
    assert why(await put(work, "fast", "work/gpt-4.1", "den/small"))[1] == "its price is not known"
    assert "first target's price is not known" in str(why(await put(work, "fast", "den/small", "work/gpt-4.1"))[1])
    assert why(await put(work, "fast", "den/small", "den/org/large")) == [None, None]
    await work.patch("/models/den/small", {"active": False})
    assert why((await work.get("/aliases/fast")).json) == ["it is not active", None]


async def test_a_name_that_hides_a_bare_id_is_allowed_and_told(work: Client) -> None:
    assert (await put(work, "small", "work/gpt-4.1"))["shadows"] == ["work/small", "den/small"]
    assert (await put(work, "own", "work/gpt-4.1"))["shadows"] == []
    assert [row["shadows"] for row in (await work.get("/aliases")).json["items"]] == [["work/small", "den/small"], []]


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("default", {"models": ["work/gpt-4.1"]}, 400),
        ("Fast", {"models": ["work/gpt-4.1"]}, 400),
        ("-fast", {"models": ["work/gpt-4.1"]}, 400),
        ("f" * 64, {"models": ["work/gpt-4.1"]}, 400),
        ("fast", {"models": []}, 400),
        ("fast", {"models": ["work/gpt-4.1"] * 33}, 400),
        ("fast", {"models": ["work/gpt-4.1", "gpt-4.1"]}, 400),
        ("fast", {"models": ["work/gpt-4.1"], "ceiling_usd_per_mtok": "-1"}, 400),
        ("fast", {"models": ["work/gpt-4.1"], "ceiling_usd_per_mtok": "much"}, 400),
        ("fast", {"models": ["work/gpt-4.1"], "ceiling_usd_per_mtok": 2.5}, 400),
        ("fast", {"models": ["work/gpt-4.1"], "unheard": 1}, 400),
        ("fast", {"models": ["work/gpt-41"]}, 404),
        ("fast", {"models": ["other"]}, 404),
    ],
    ids=str,
)
async def test_what_makes_no_sense_changes_nothing(work: Client, name: str, body: object, status: int) -> None:
    await put(work, "other", "work/gpt-4.1")
    answer = await work.put(f"/aliases/{name}", body)
    assert answer.status == status, answer.body
    assert [row["name"] for row in (await work.get("/aliases")).json["items"]] == ["other"]


@ON_SQLITE
async def test_near_names_are_told_of_models_and_of_aliases(work: Client) -> None:
    unknown = await work.put("/aliases/fast", {"models": ["work/gpt-41"]})
    assert unknown.json["code"] == "model_not_found"
    assert unknown.json["nearest"][0] in {"work/gpt-4.1", "work/gpt-4.1-nano"}
    await put(work, "fast", "gpt-4.1")
    assert (await work.get("/aliases/fats")).json["nearest"] == ["fast"]


async def test_a_change_of_an_alias_that_somebody_changed_meanwhile_is_refused(work: Client) -> None:
    one, two = {"models": ["work/gpt-4.1"]}, {"models": ["work/gpt-4.1-nano"]}
    assert (await work.put("/aliases/fast", one, if_match='"1"')).status == 412, "there is none yet"
    seen = (await work.put("/aliases/fast", one)).headers["etag"]
    assert (await work.get("/aliases/fast")).headers["etag"] == seen
    after = (await work.put("/aliases/fast", two, if_match=seen)).headers["etag"]
    assert after != seen
    assert (await work.put("/aliases/fast", one, if_match=seen)).json["code"] == "stale"
    assert (await work.delete("/aliases/fast", if_match=seen)).status == 412
    assert (await work.delete("/aliases/fast", if_match=after)).status == 200


@ON_SQLITE
async def test_aliases_come_in_pages(work: Client) -> None:
    for name in ("c", "a", "b"):
        await put(work, name, "work/gpt-4.1")
    page = (await work.get("/aliases?limit=2")).json
    rest = (await work.get(f"/aliases?limit=2&after={page['next']}")).json
    assert [row["name"] for row in page["items"] + rest["items"]] == ["c", "a", "b"]
    assert rest["next"] is None


async def test_a_model_that_an_alias_names_stays_unless_an_admin_insists(work: Client) -> None:
    await put(work, "fast", "work/gpt-4.1", "work/gpt-4.1-nano")
    held = await work.delete("/models/work/gpt-4.1")
    assert (held.status, held.json["uses"][0]["name"]) == (409, "fast")
    assert (await work.delete("/models/work/gpt-4.1?force=true")).status == 204
    assert (await work.get("/aliases/fast")).json["models"] == ["work/gpt-4.1-nano"]


@ON_SQLITE
async def test_the_export_holds_the_ceiling(work: Client) -> None:
    await put(work, "fast", "work/gpt-4.1", ceiling_usd_per_mtok="2.5")
    await put(work, "slow", "work/gpt-4.1")
    export = (await work.get("/export")).body.decode()
    assert 'name = "fast"\nmodels = ["work/gpt-4.1"]\nceiling_usd_per_mtok = "2.5"' in export
    assert export.count("ceiling_usd_per_mtok") == 1
