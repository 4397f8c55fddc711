"""Which models deserve a look."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from starlette.applications import Starlette

from modelhall.domain.ids import new_id
from modelhall.domain.prices import Passport, PriceSheet, Rate
from modelhall.gateway.doors.routes import model_routes
from modelhall.storage import models
from modelhall.storage.prices import append_sheet
from modelhall.storage.tables.library import library_models
from tests.gateway.hall import serving
from tests.gateway.upstream import ScriptedProvider, Sent, scripted
from tests.support.asgi import Client
from tests.support.house import OpenHouse, catalog


@dataclass(slots=True)
class Work:
    """The operator, the house, and the server behind the profile `den`."""

    api: Client
    house: OpenHouse
    vendor: ScriptedProvider
    door: str
    key: str

    async def hints(self, query: str = "") -> dict[tuple[str, str], dict[str, Any]]:
        """By model and kind."""
        answer = await self.api.get(f"/models/hints{query}")
        assert answer.status == 200
        return {(row["model"], row["kind"]): row for row in answer.json["items"]}

    async def call(self, model: str) -> int:
        body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
        headers = {"authorization": f"Bearer {self.key}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.door}/v1/chat/completions", json=body) as answer,
        ):
            status = answer.status
        await self.house.house.catch_up()
        return status

    def later(self, **distance: float) -> None:
        self.house.clock.ahead = datetime.now(UTC) + timedelta(**distance)


@pytest.fixture
async def work(operator: Client, house: OpenHouse) -> AsyncGenerator[Work]:
    async with scripted() as vendor, serving(Starlette(routes=model_routes(house.gateway.desk))) as door:
        place = {"base_url": vendor.address, "allow_private": True, "key": "sk-0123456789abcdef"}
        await operator.post("/profiles", {"provider": "openai-compatible", "id": "den", **place})
        await operator.post("/profiles/den/sync", {"models": ["small", "other"], "activate": True})
        key = (await operator.post("/keys", {"name": "app"})).json["key"]
        yield Work(operator, house, vendor, door, key)


async def test_what_nobody_calls_for_90_days_is_named_and_after_a_week_off_may_go(work: Work) -> None:
    assert await work.hints() == {}
    await work.call("den/small")
    work.later(days=89)
    assert await work.hints() == {}
    assert set(await work.hints("?unused_days=30")) == {("den/small", "unused"), ("den/other", "unused")}
    work.later(days=92)
    found = await work.hints()
    assert found["den/other", "unused"]["to_do"].startswith("modelhall model deactivate den/other")
    assert "never" in found["den/other", "unused"]["words"]
    assert "last on 20" in found["den/small", "unused"]["words"]
    await work.api.put("/default-model", {"model": "den/small"})
    await work.api.patch("/models/den/other", {"active": False})
    found = await work.hints()
    assert set(found) == {("den/other", "set_aside")}, "the default is no such model"
    assert found["den/other", "set_aside"]["to_do"].startswith("modelhall model remove den/other")


async def test_a_model_that_failed_for_a_day_is_named(work: Work) -> None:
    async def broken(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=500)

    work.vendor.script = broken
    for _ in range(4):
        assert await work.call("den/small") == 502
    assert await work.hints() == {}, "too few to tell"
    assert await work.call("den/small") == 502
    assert (await work.hints())["den/small", "down"]["words"].startswith("none of ")
    work.vendor.script = None
    assert await work.call("den/small") == 200
    assert await work.hints() == {}


async def test_what_its_provider_ends_is_named_before_and_after(work: Work) -> None:
    today = datetime.now(UTC).date()
    for name, days in (("small", 30), ("other", -1)):
        async with work.house.database.change(work.house.operator) as change:
            ends = (today + timedelta(days=days)).isoformat()
            one = sa.update(library_models).where(library_models.c.model_id == name)
            await change.connection.execute(one.values(retires_on=ends))
            await change.audit("model.edit", "model", "m", name)
    found = await work.hints()
    assert set(found) == {("den/small", "retires_soon"), ("den/other", "retired")}
    assert "--successor MODEL" in found["den/other", "retired"]["to_do"]


async def test_a_newer_model_of_the_family_that_can_as_much_and_is_not_dearer_is_suggested(work: Work) -> None:
    await work.api.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await work.api.post("/profiles/work/sync", {"models": ["gpt-4o"], "activate": True})
    hint = (await work.hints())["work/gpt-4o", "newer_model"]
    old, new = (
        catalog().match("openai", name).model  # pyright: ignore[reportOptionalMemberAccess]
        for name in ("gpt-4o", hint["suggestion"].removeprefix("work/"))
    )
    assert (new.family, new.kind) == (old.family, old.kind)
    assert str(new.released) > str(old.released)
    assert (new.context_window or 0) >= (old.context_window or 0)
    for side in ("input", "output"):
        assert base(new.rates, side) <= base(old.rates, side)
    assert f"modelhall model sync work {new.id} --activate" in hint["to_do"]
    await work.api.post("/profiles/work/sync", {"models": [new.id]})
    assert "sync" not in (await work.hints())["work/gpt-4o", "newer_model"]["to_do"]
    await work.api.put("/prices/work/gpt-4o", {"input_per_mtok": "0.000001", "output_per_mtok": "0.000001"})
    assert ("work/gpt-4o", "newer_model") not in await work.hints()


def base(rates: tuple[Rate, ...], side: str) -> Decimal:
    usual = [
        rate for rate in rates if (rate.usage_class, rate.context_over, rate.service_tier) == (side, 0, "standard")
    ]
    return next(rate.usd_per_million for rate in usual if rate.usd_per_million is not None)


async def test_a_price_that_is_another_in_the_catalog_and_one_to_come_are_named(work: Work) -> None:
    await work.api.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    await work.api.post("/profiles/work/sync", {"models": ["gpt-4.1"]})
    assert ("work/gpt-4.1", "price_changed") not in await work.hints()
    now = datetime.now(UTC)
    for begins, amount in ((now, "1"), (now + timedelta(days=9), "3")):
        rates = (Rate("input", Decimal(amount)), Rate("output", Decimal("8")))
        sheet = PriceSheet(new_id(), begins, rates, Passport("per_mtok", "models-dev", "2026-01-01"))
        async with work.house.database.change(work.house.operator) as change:
            organisation_id = work.house.operator.organisation_id
            model = await models.model_by_name(change.connection, organisation_id, "work", "gpt-4.1")
            assert model is not None
            await append_sheet(change.connection, sheet, organisation_id=organisation_id, model_id=model.id)
            await change.audit("price.set", "model", model.id, model.public_name)
    work.later(seconds=1)
    found = await work.hints()
    assert "$1 per million input" in found["work/gpt-4.1", "price_changed"]["words"]
    assert "--input-per-mtok 2 --output-per-mtok 8" in found["work/gpt-4.1", "price_changed"]["to_do"]
    assert "$3 per million input" in found["work/gpt-4.1", "price_will_change"]["words"]
    await work.api.put("/prices/work/gpt-4.1", {"input_per_mtok": "2", "output_per_mtok": "8"})
    assert ("work/gpt-4.1", "price_changed") not in await work.hints(), "what a person entered is theirs"
    assert ("work/gpt-4.1", "price_will_change") not in await work.hints(), "and no announced price replaces it"
    work.later(days=10)
    assert (await work.api.get("/models/work/gpt-4.1")).json["price"]["input_per_mtok"] == "2"
