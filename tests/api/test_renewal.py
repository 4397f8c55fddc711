"""What a provider says anew reaches the models that are in the library already, and never past a person's own word."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from modelhall.services.models.refresh_list import refresh_list, renew_all
from modelhall.storage import models
from tests.gateway.upstream import Handler, ScriptedProvider, Sent, scripted
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

BIG = "den/big"


def offers(**facts: Any) -> Handler:
    """A list with one model, in the form of OpenRouter."""
    entry: dict[str, Any] = {"id": "big", "name": "Big", "context_length": 8_192, **facts}

    async def answer(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [entry]})

    return answer


def priced(prompt: str, completion: str) -> dict[str, Any]:
    return {"pricing": {"prompt": prompt, "completion": completion}}


@dataclass(slots=True)
class Den:
    """A house with one synced model of one provider, which says something else the next time."""

    api: Client
    house: OpenHouse
    server: ScriptedProvider

    async def says(self, **facts: Any) -> dict[str, Any]:
        """The model after the next list."""
        self.server.script = offers(**facts)
        state = await refresh_list(self.house.house, self.house.operator, "den")
        assert state.known is not None
        assert state.known.error is None
        return await self.model()

    async def model(self) -> dict[str, Any]:
        return (await self.api.get(f"/models/{BIG}")).json

    async def past(self) -> list[dict[str, Any]]:
        return (await self.api.get(f"/model-history/{BIG}")).json["items"]


@pytest.fixture
async def den(operator: Client, house: OpenHouse) -> AsyncGenerator[Den]:
    async with scripted() as server:
        server.script = offers(**priced("0.000001", "0.000002"))
        body = {"provider": "openrouter", "id": "den", "base_url": server.address, "allow_private": True}
        assert (await operator.post("/profiles", {**body, "key": "sk-0123456789abcdef"})).status == 201
        assert (await operator.post("/profiles/den/sync", {})).json["created"] == 1
        yield Den(operator, house, server)


async def test_new_limits_prices_and_the_end_of_a_model_arrive_with_their_history(den: Den) -> None:
    facts = {"expiration_date": "2027-05-01", **priced("0.000003", "0.000004")}
    model = await den.says(context_length=16_384, **facts)
    assert (model["context_window"], model["retires_on"]) == (16_384, "2027-05-01")
    assert model["sources"]["context_window"]["source"] == "provider"
    assert (model["price"]["input_per_mtok"], model["price"]["passport"]["source"]) == ("3", "openrouter")
    price, known, came = await den.past()
    assert [each["action"] for each in (price, known, came)] == ["price.renew", "model.renew", "model.sync"]
    assert sorted(known["fields"]) == ["context_window", "retires_on"]
    assert (known["before"]["context_window"], known["after"]["context_window"]) == (8_192, 16_384)
    assert (known["member"], known["via"]) == (None, "system")
    assert [Decimal(each["usd_per_million"]) for each in price["before"]["rates"]] == [1, 2]
    again = await den.says(context_length=16_384, **facts)
    assert again["revision"] == model["revision"], "nothing new, nothing written"
    assert len(await den.past()) == 3
    assert (await den.says(context_length=16_384))["retires_on"] is None, "the provider took the date back"
    assert (await den.model())["price"]["input_per_mtok"] == "3", "a price that is not told again is not forgotten"


async def test_a_persons_own_word_stays_until_it_is_forgotten(den: Den) -> None:
    own = await den.api.patch(f"/models/{BIG}", {"facts": {"context_window": 4_096, "max_output": 1_000}})
    assert (own.json["context_window"], own.json["max_output"]) == (4_096, 1_000)
    assert own.json["sources"]["context_window"]["disagreeing"] == ["provider: 8192"]
    await den.api.put(f"/prices/{BIG}", {"input_per_mtok": "9", "output_per_mtok": "9"})
    model = await den.says(context_length=16_384, **priced("0.000003", "0.000004"))
    assert (model["context_window"], model["max_output"], model["price"]["input_per_mtok"]) == (4_096, 1_000, "9")
    assert all("renew" not in each["action"] for each in await den.past())
    back = (await den.api.patch(f"/models/{BIG}", {"facts": {"context_window": None}})).json
    assert (back["context_window"], back["sources"]["context_window"]["source"]) == (16_384, "provider")
    assert back["max_output"] == 1_000
    too_much = await den.api.patch(f"/models/{BIG}", {"facts": {"max_output": 20_000}})
    assert (too_much.status, "do not fit" in too_much.json["detail"]) == (400, True)
    wrong = await den.api.patch(f"/models/{BIG}", {"facts": {"retires_on": "soon"}})
    assert (wrong.status, "facts.retires_on" in wrong.json["detail"]) == (400, True)


async def test_who_takes_a_renewal_back_has_the_last_word(den: Den) -> None:
    told = {"context_length": 16_384, **priced("0.000003", "0.000004")}
    await den.says(**told)
    price, known, _ = await den.past()
    for row in (price, known):
        assert (await den.api.post(f"/model-undo/{BIG}", {"change": row["id"]})).status == 200
    model = await den.says(**told, description="again")
    assert (model["context_window"], model["price"]["input_per_mtok"]) == (8_192, "1")
    assert model["sources"]["context_window"]["source"] == "person"
    assert (model["price"]["passport"]["source"], model["price"]["passport"]["entered_by"]) == ("person", "owner")


async def test_a_sync_renews_what_is_there_already(den: Den) -> None:
    den.server.script = offers(context_length=32_768)
    assert (await den.api.post("/profiles/den/sync", {})).json["results"][0]["status"] == "already"
    assert (await den.model())["context_window"] == 32_768


@ON_SQLITE
async def test_a_newer_catalog_reaches_models_that_no_list_names(operator: Client, house: OpenHouse) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await operator.post("/profiles/work/sync", {"models": ["gpt-4.1"]})
    async with house.database.write() as connection:
        model = await models.model_by_name(connection, house.operator.organisation_id, "work", "gpt-4.1")
        assert model is not None
        await models.update_model(connection, replace(model, max_output=5, retires_on=None))
    await renew_all(house.house)
    after = (await operator.get("/models/work/gpt-4.1")).json
    assert after["max_output"] == 32_768
    past = (await operator.get("/model-history/work/gpt-4.1")).json["items"]
    assert (past[0]["action"], past[0]["before"]["max_output"]) == ("model.renew", 5)


async def test_a_model_is_shown_as_it_was(den: Den, house: OpenHouse) -> None:
    await den.api.post("/profiles/den/sync", {"models": ["other"], "activate": True})
    begun = datetime.now(UTC)
    await den.api.patch(f"/models/{BIG}", {"active": True, "notes": "first", "tags": ["coding"]})
    await den.api.put("/default-model", {"model": BIG})
    middle = datetime.now(UTC)
    await den.says(context_length=16_384, **priced("0.000003", "0.000004"))
    await den.api.put("/default-model", {"model": "den/other"})
    await den.api.patch(f"/models/{BIG}", {"notes": "second", "tags": []})
    await den.api.delete(f"/models/{BIG}")

    async def at(moment: datetime) -> dict[str, Any]:
        answer = await den.api.get(f"/model-state/{BIG}?at={moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}")
        assert answer.status == 200, answer.json
        return answer.json

    first, then, now = await at(begun), await at(middle), await at(datetime.now(UTC))
    told = [(each["synced"], each["default"], each["price"]["input_per_mtok"]) for each in (first, then, now)]
    assert told == [(True, False, "1"), (True, True, "1"), (False, False, "3")]
    names = ("active", "notes", "tags", "context_window")
    assert [first["fields"][name] for name in names] == [False, None, [], 8_192]
    assert [then["fields"][name] for name in names] == [True, "first", ["coding"], 8_192]
    assert now["fields"]["context_window"] == 16_384
    assert (await at(begun - timedelta(days=1)))["synced"] is False
    ahead = await den.api.get(f"/model-state/{BIG}?at=2999-01-01T00:00:00Z")
    assert ahead.status == 400
