"""Recommendations are computed and say why; onboarding says what is missing and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from modelhall.services.health.model_health import Health
from modelhall.services.recommendations.candidate import Candidate
from modelhall.services.recommendations.weigh import USES, order_of, weigh
from modelhall.services.start.find_environment import find_environment
from modelhall.storage.database import Database
from modelhall.storage.rollups import Sums, add, usual_waits
from tests.gateway.upstream import scripted
from tests.storage.ledger_seeds import a_settlement, an_intent
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

TODAY = datetime(2026, 11, 1, tzinfo=UTC).date()
PLAIN: dict[str, Any] = {
    "name": "p/plain",
    "title": "Plain",
    "state": "active",
    "kind": "chat",
    "context": 128_000,
    "max_output": 16_000,
    "can": {"tools": True, "vision": True, "reasoning": True},
    "input_price": Decimal(2),
    "output_price": Decimal(8),
    "released": "2026-06-01",
    "retires": None,
}


def candidate(**other: Any) -> Candidate:
    return Candidate(**{**PLAIN, **other})


def score(use: Any, **other: Any) -> int:
    weighed = weigh(candidate(**other), use, TODAY)
    assert weighed is not None
    return weighed.score


@pytest.mark.parametrize("use", USES)
def test_the_points_of_the_reasons_are_the_score(use: Any) -> None:
    weighed = weigh(candidate(context=256_000, wait_ms=256), use, TODAY)
    assert weighed is not None
    assert weighed.score == sum(reason.points for reason in weighed.reasons) > 0
    assert [reason.points for reason in weighed.reasons] == sorted(
        (reason.points for reason in weighed.reasons), reverse=True
    )
    assert weighed == weigh(candidate(context=256_000, wait_ms=256), use, TODAY)


@pytest.mark.parametrize(
    ("use", "other"),
    [
        ("vision", {"can": {"vision": False}}),
        ("vision", {"can": {}}),
        ("code", {"can": {}}),
        ("long_context", {"context": 128_000}),
        ("long_context", {"context": None}),
        ("budget", {"input_price": None}),
        ("general", {"kind": "embedding"}),
        ("default", {"input_price": Decimal(6), "output_price": Decimal(8)}),
        ("default", {"input_price": None}),
        ("default", {"context": 16_000}),
        ("default", {"health": Health("degraded", 0.9, 100, None)}),
        ("general", {"retires": "2026-10-23"}),
        ("general", {"health": Health("down", 0.2, 10, None)}),
    ],
    ids=str,
)
def test_what_cannot_do_it_does_not_come_into_question(use: Any, other: dict[str, Any]) -> None:
    assert weigh(candidate(**other), use, TODAY) is None


def test_each_use_prefers_what_it_is_about() -> None:
    assert score("budget", input_price=Decimal(0), output_price=Decimal(0)) > score("budget")
    assert score("fast", wait_ms=256) > score("fast", wait_ms=2048) > score("fast")
    assert score("fast", can={"reasoning": False}) > score("fast")
    assert score("code", can={"tools": True, "reasoning": False}) < score("code")
    assert score("long_context", context=1_000_000) > score("long_context", context=200_000)
    assert score("general", input_price=Decimal(30), output_price=Decimal(150)) < score("general")
    assert score("general", input_price=None) < score("general")
    assert score("general", released="2023-01-01") < score("general")
    well = Health("operational", 0.99, 100, None)
    badly = Health("degraded", 0.7, 100, None)
    assert score("general", health=badly) < score("general") < score("general", health=well)


def test_reasons_are_words_with_numbers() -> None:
    weighed = weigh(candidate(health=Health("operational", 0.991, 120, None), wait_ms=512), "general", TODAY)
    assert weighed is not None
    words = [reason.words for reason in weighed.reasons]
    assert "$2 in and $8 out per million tokens" in words
    assert "a context window of 128,000 tokens" in words
    assert "99.1% of 120 attempts went well in the last 30 minutes" in words
    assert "usually begins to answer within 512 ms here" in words


def test_of_equal_points_the_cheaper_one_comes_first_then_the_name() -> None:
    several = [candidate(name="b"), candidate(name="a"), candidate(name="c", input_price=Decimal("1.9"))]
    weighed = sorted((fit for each in several if (fit := weigh(each, "general", TODAY))), key=order_of)
    assert [each.candidate.name for each in weighed] == ["c", "a", "b"]


async def test_recommendations_come_from_library_and_catalog_of_profiles_with_a_key(operator: Client) -> None:
    assert (await operator.get("/recommendations")).json["items"] == []
    await operator.post("/profiles", {"provider": "openai", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles", {"provider": "groq"})
    await operator.post("/profiles/openai/sync", {"models": ["gpt-4.1", "gpt-4"], "activate": True})
    for use in USES:
        told = (await operator.get(f"/recommendations?use={use}&limit=50")).json
        assert told["use"] == use
        assert told["considered"] >= len(told["items"]) > 0
        assert all(item["model"].startswith("openai/") for item in told["items"])
        assert all(sum(reason["points"] for reason in item["reasons"]) == item["score"] for item in told["items"])
        again = (await operator.get(f"/recommendations?use={use}&limit=50")).json
        assert again["items"] == told["items"]
    own = (await operator.get("/recommendations?use=code&library_only=true")).json["items"]
    assert [(item["model"], item["state"]) for item in own] == [("openai/gpt-4.1", "active")]
    assert (own[0]["input_per_mtok"], own[0]["context_window"]) == ("2", 1_047_576)
    assert (await operator.get("/recommendations?use=poetry")).status == 400


async def test_new_models_that_rank_well_are_named_with_their_place_and_where_else_to_look(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles/openai/sync", {"models": ["gpt-4.1"], "activate": True})
    everything = (await operator.get("/recommendations?use=code&limit=50")).json
    assert [item["place"] for item in everything["items"]] == list(range(1, len(everything["items"]) + 1))
    new = (await operator.get("/recommendations?use=code&limit=50&new_days=3650")).json
    assert new["considered"] == everything["considered"]
    assert {item["state"] for item in new["items"]} == {"listed"}
    assert all(item["released"] for item in new["items"])
    places = {item["model"]: item["place"] for item in everything["items"]}
    assert all(places.get(item["model"], item["place"]) == item["place"] for item in new["items"])
    best = new["items"][0]["model"]
    await operator.post("/profiles/openai/sync", {"models": [best.removeprefix("openai/")]})
    after = (await operator.get("/recommendations?use=code&limit=50&new_days=3650")).json
    assert best not in {item["model"] for item in after["items"]}, "what is in the library is not new to it"
    boards = {board["name"]: board for board in after["leaderboards"]}
    assert set(boards) == {"LM Arena", "OpenRouter Rankings"}
    assert all(board["url"].startswith("https://") and board["source"] and board["as_of"] for board in boards.values())
    fast = (await operator.get("/recommendations?use=fast")).json["leaderboards"]
    assert [board["name"] for board in fast] == ["OpenRouter Rankings"]


async def test_half_of_the_answers_of_a_model_begin_within_its_usual_wait(house: OpenHouse) -> None:
    sums = Sums()
    intent = an_intent(organisation_id=house.operator.organisation_id)
    for wait in (100, 120, 130, 4_000, 8_000):
        sums.add_attempt(intent, replace(a_settlement(intent), first_byte_ms=wait))
    await write(house.database, sums)
    async with house.database.read() as connection:
        waits = await usual_waits(connection, house.operator.organisation_id, datetime(2020, 1, 1, tzinfo=UTC))
    assert waits == {intent.model_id: 256}


async def write(database: Database, sums: Sums) -> None:
    async with database.write() as connection:
        await add(connection, sums)


async def next_step(client: Client) -> str | None:
    told = (await client.get("/onboarding")).json
    assert told["complete"] == all(step["done"] or step["optional"] for step in told["steps"])
    return told["next"] and told["next"]["id"]


async def test_each_step_leads_to_the_next(operator: Client, house: OpenHouse) -> None:
    house.environment.pop("OPENAI_API_KEY")
    await find_environment(house.house)
    assert await next_step(operator) == "provider"
    async with scripted() as server:
        profile = {"provider": "openai-compatible", "id": "up", "base_url": server.address, "allow_private": True}
        await operator.post("/profiles", profile)
        assert await next_step(operator) == "models"
        await operator.post("/profiles/up/sync", {"models": ["small"]})
        assert await next_step(operator) == "active"
        await operator.patch("/models/up/small", {"active": True})
        assert await next_step(operator) == "key"
        await operator.post("/keys", {"name": "app"})
        assert await next_step(operator) == "call"
        assert (await operator.post("/models/test", {"model": "up/small"})).json["ok"] is True
    last = (await operator.get("/onboarding")).json
    assert last["complete"] is True
    open_ones = {step["id"] for step in last["steps"] if not step["done"]}
    assert open_ones == {"engine", "default"}
    await operator.put("/default-model", {"model": "up/small"})
    assert await next_step(operator) == "engine"


@ON_SQLITE
async def test_a_profile_without_its_key_is_what_is_missing(operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai"})
    step = (await operator.get("/onboarding")).json["next"]
    assert (step["id"], step["command"]) == ("provider_key", "modelhall profile key add openai --key -")
