"""What is known of a model's parameters, a person's own word on it, and what a call's receipt then says."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from modelhall.gateway.doors.routes import model_routes
from modelhall.storage.tables.library import library_models
from tests.gateway.hall import serving
from tests.gateway.upstream import ScriptedProvider, scripted
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

NAME = "/models/work/gpt-5.1"
ASK = {"model": "work/gpt-5.1", "messages": [{"role": "user", "content": "Hi"}]}


@dataclass(slots=True)
class Work:
    """The operator of a house whose profile `work` is of OpenAI's kind, at a scripted server; and its model doors."""

    client: Client
    house: OpenHouse
    vendor: ScriptedProvider
    door: str
    key: str

    async def say(self, **parameters: Any) -> Any:
        return await self.client.patch(NAME, {"parameters": parameters})

    async def call(self, **more: Any) -> tuple[Any, str, dict[str, str]]:
        """What the vendor got, what the answer's header says was dropped, and the call's receipt."""
        headers = {"authorization": f"Bearer {self.key}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.door}/v1/chat/completions", json=ASK | more) as answer,
        ):
            assert answer.status == 200, await answer.text()
        await self.house.house.catch_up()
        told = await self.client.get(f"/calls/{answer.headers['x-modelhall-call']}")
        return self.vendor.sent[-1].json, answer.headers.get("x-modelhall-dropped", ""), told.json["receipt"]


@pytest.fixture
async def work(operator: Client, house: OpenHouse) -> AsyncGenerator[Work]:
    async with scripted() as vendor, serving(Starlette(routes=model_routes(house.gateway.desk))) as door:
        place = {"base_url": vendor.address, "allow_private": True, "key": "sk-0123456789abcdef"}
        await operator.post("/profiles", {"provider": "openai", "id": "work", **place})
        await operator.post("/profiles/work/sync", {"models": ["gpt-5.1"], "activate": True})
        key = (await operator.post("/keys", {"name": "app"})).json["key"]
        yield Work(operator, house, vendor, door, key)


async def test_a_receipt_lists_what_was_renamed_dropped_and_brought_into_range(work: Work) -> None:
    sent, dropped, receipt = await work.call(max_tokens=50, temperature=0.2, top_p=3, reasoning_effort="low", seed=7)
    assert sent == ASK | {"model": "gpt-5.1", "max_completion_tokens": 50, "reasoning_effort": "low", "seed": 7}
    assert set(dropped.split(", ")) == {"temperature", "top_p"}
    assert receipt == {
        "model": "gpt-5.1",
        "max_tokens": "sent as max_completion_tokens",
        "temperature": "dropped",
        "top_p": "dropped",
    }
    sent, dropped, receipt = await work.call(temperature=2.5, presence_penalty=-3)
    assert (sent["temperature"], sent["presence_penalty"], dropped) == (2, -2, "")
    assert receipt["temperature"] == "2.5 → 2: the model takes 0 to 2"
    assert receipt["presence_penalty"] == "-3 → -2: the model takes -2 to 2"


async def test_nothing_is_sent_that_was_not_asked_for_and_what_nobody_knows_goes_as_it_is(work: Work) -> None:
    sent, dropped, receipt = await work.call()
    assert (sent, dropped, receipt) == (ASK | {"model": "gpt-5.1"}, "", {"model": "gpt-5.1"})
    sent, dropped, _ = await work.call(min_p=7, temperature="hot")
    assert (sent["min_p"], sent["temperature"], dropped) == (7, "hot", "")


async def test_a_persons_word_counts_at_once_is_shown_with_its_source_and_can_be_forgotten(work: Work) -> None:
    shown = (await work.say(temperature={"max": 1}, seed={"taken": False})).json["parameters"]
    assert (shown["temperature"]["min"], shown["temperature"]["max"], shown["temperature"]["taken"]) == (0, 1, True)
    assert [each["source"] for each in shown["temperature"]["sources"]] == ["person", "provider", "provider"]
    assert shown["temperature"]["page"].startswith("https://")
    sent, dropped, receipt = await work.call(temperature=1.5, seed=7, reasoning_effort="high")
    assert (sent["temperature"], dropped, receipt["seed"]) == (1, "seed", "dropped")
    assert receipt["temperature"] == "1.5 → 1: the model takes 0 to 1"
    assert "[model.parameters.temperature]\nmax = 1" in (await work.client.get("/export")).body.decode()
    merged = (await work.say(temperature={"min": 0.5})).json["parameters"]["temperature"]
    assert (merged["min"], merged["max"]) == (0.5, 1), "what was not named stays"
    shown = (await work.say(temperature=None, seed=None)).json["parameters"]
    assert (shown["temperature"]["max"], "seed" in shown) == (2, False)
    assert "[model.parameters.temperature]" not in (await work.client.get("/export")).body.decode()
    log = (await work.client.get("/audit")).json["items"]
    assert [each["action"] for each in log[:3]] == ["model.edit"] * 3


async def test_an_anthropic_caller_is_treated_the_same_in_its_own_dialect(work: Work) -> None:
    place = {"base_url": work.vendor.address.removesuffix("/v1"), "allow_private": True, "key": "sk-ant-0123456789"}
    await work.client.post("/profiles", {"provider": "anthropic", "id": "claude", **place})
    await work.client.post("/profiles/claude/sync", {"models": ["claude-opus-4-5"], "activate": True})
    await work.client.patch("/models/claude/claude-opus-4-5", {"parameters": {"top_k": {"taken": False}}})
    ask = {
        "model": "claude/claude-opus-4-5",
        "max_tokens": 9,
        "messages": ASK["messages"],
        "temperature": 1.5,
        "top_k": 5,
    }
    async with (
        aiohttp.ClientSession(headers={"x-api-key": work.key}) as session,
        session.post(f"{work.door}/v1/messages", json=ask) as answer,
    ):
        assert (answer.status, answer.headers["x-modelhall-dropped"]) == (200, "top_k")
    assert work.vendor.sent[-1].json == {
        "model": "claude-opus-4-5",
        "max_tokens": 9,
        "messages": ASK["messages"],
        "temperature": 1,
    }


async def test_models_that_were_synced_before_have_facts_too(work: Work) -> None:
    async with work.house.database.change(work.house.operator) as change:
        cannot = sa.update(library_models).values(capabilities={"sampling": False}, max_output=100, parameters={})
        await change.connection.execute(cannot)
        await change.audit("model.edit", "model", "m", "work/gpt-5.1")
    sent, dropped, receipt = await work.call(max_completion_tokens=500, frequency_penalty=1, temperature=0)
    assert sent == ASK | {"model": "gpt-5.1", "max_completion_tokens": 100, "temperature": 0}
    assert (dropped, receipt["max_completion_tokens"]) == (
        "frequency_penalty",
        "500 → 100: the model takes at most 100",
    )


@ON_SQLITE
@pytest.mark.parametrize(
    "said",
    [
        {"messages": {"taken": False}},
        {"a b": {"taken": False}},
        {"temperature": {"min": 2, "max": 1}},
        {"temperature": {"max": "1"}},
        {"temperature": {"max": True}},
        {"temperature": {"max": 1, "taken": False}},
        {"temperature": {"sent_as": "messages"}},
        {"temperature": {"default": 1}},
        {f"p{number}": {"taken": True} for number in range(101)},
    ],
    ids=lambda said: str(said)[:40],
)
async def test_a_word_that_makes_no_sense_is_refused(work: Work, said: dict[str, Any]) -> None:
    assert (await work.say(**said)).status == 400
