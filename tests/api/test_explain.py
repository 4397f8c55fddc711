"""A call is explained with nothing taken, written or sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from modelhall.storage.tables.money import attempts, budget_windows, rollups
from tests.support.asgi import Client
from tests.support.house import OpenHouse

ASK = {"model": "work/gpt-4.1", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1_000, "seed": 7}


@pytest.fixture
async def work(operator: Client) -> Client:
    """The operator of a house with an active model of OpenAI and one of Anthropic."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1"], "activate": True})
    await operator.put("/prices/work/gpt-4.1", {"input_per_mtok": "2", "output_per_mtok": "8"})
    await operator.post("/profiles", {"provider": "anthropic", "id": "claude", "key": "sk-ant-0123456789"})
    await operator.post("/profiles/claude/sync", {"models": ["claude-sonnet-4-5"], "activate": True})
    return operator


async def explained(client: Client, request: dict[str, Any], **more: str) -> Any:
    answer = await client.post("/explain", {"request": request, **more})
    assert answer.status == 200, answer.json
    return answer.json


async def test_it_says_where_the_call_goes_why_and_what_it_can_cost(work: Client) -> None:
    told = await explained(work, ASK)
    assert (told["admitted"], told["model"], told["why"]) == (True, "work/gpt-4.1", "named in full")
    assert (told["dialect"], told["most_output"], told["budget_left"]) == ("openai_chat", 1_000, None)
    assert told["most_input"] > 1_024
    assert told["bound"] == str(Decimal(told["most_input"] * 2 + 8_000) / 10**6)
    bare = await explained(work, ASK | {"model": "gpt-4.1"})
    assert bare["why"] == "only profile that has it"


async def test_a_translated_call_names_what_is_changed_and_dropped(work: Client) -> None:
    told = await explained(work, ASK | {"model": "claude/claude-sonnet-4-5"})
    assert (told["dialect"], told["dropped"]) == ("anthropic_messages", ["seed"])
    assert told["changes"]["dialect"] == "anthropic_messages"


async def test_a_call_that_would_be_refused_is_told_with_its_refusal(work: Client) -> None:
    absent = await explained(work, ASK | {"model": "work/gpt-4.2"})
    assert (absent["admitted"], absent["refusal"]["status"], absent["model"]) == (False, 404, None)
    many = await explained(work, ASK | {"model": "claude/claude-sonnet-4-5", "n": 2})
    assert (many["admitted"], many["refusal"]["status"]) == (False, 400)
    await work.patch("/models/work/gpt-4.1", {"active": False})
    assert (await explained(work, ASK))["refusal"]["code"] == "model_inactive"


async def test_a_key_with_a_budget_sees_what_is_left_and_the_limit_that_would_fit(work: Client) -> None:
    key = (await work.post("/keys", {"name": "poor", "budget_usd": "0.005"})).json["key"]
    poor = Client(work.application, {"authorization": f"Bearer {key}"}, root_path=work.root_path)
    dear = await explained(poor, ASK)
    assert (dear["admitted"], dear["refusal"]["code"], dear["budget_left"]) == (False, "budget_exceeded", "0.005")
    del (open_ended := dict(ASK))["max_tokens"]
    fits = await explained(poor, open_ended)
    assert fits["admitted"] is True
    assert 256 <= fits["output_limit"] < 1_000
    assert float(fits["bound"]) <= 0.005
    assert await explained(work, open_ended, key="poor") == fits
    assert (await work.post("/explain", {"request": ASK, "key": "absent"})).status == 404


async def test_nothing_is_taken_or_written(work: Client, house: OpenHouse) -> None:
    await work.post("/keys", {"name": "poor", "budget_usd": "5"})
    before = (await work.get("/status")).json["change_number"]
    await explained(work, ASK, key="poor")
    await house.house.catch_up()
    async with house.house.database.read() as connection:
        held = await connection.scalar(sa.select(sa.func.sum(budget_windows.c.held)))
        rows = await connection.scalar(sa.select(sa.func.count()).select_from(attempts))
        sums = await connection.scalar(sa.select(sa.func.count()).select_from(rollups))
    assert (held, rows, sums) == (0, 0, 0)
    assert (await work.get("/status")).json["change_number"] == before


async def test_a_body_that_is_none_is_refused(work: Client) -> None:
    assert (await work.post("/explain", {"request": {"messages": "Hi"}})).status == 400
    assert (await work.post("/explain", {"request": ASK, "dialect": "morse"})).status == 400
