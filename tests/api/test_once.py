"""`Idempotency-Key`: done once, answered the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from modelhall.storage.tables.system import idempotency
from tests.support.asgi import Client
from tests.support.canaries import Canaries
from tests.support.house import OpenHouse


async def test_the_same_request_gets_the_same_answer_and_makes_one_key(operator: Client) -> None:
    first = await operator.post("/keys", {"name": "app"}, idempotency_key="abc")
    again = await operator.post("/keys", {"name": "app"}, idempotency_key="abc")
    assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await operator.get("/keys")).json["items"]) == 1


async def test_twenty_at_once_make_one_key(operator: Client) -> None:
    answers = await asyncio.gather(*(operator.post("/keys", {"name": "app"}, idempotency_key="abc") for _ in range(20)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.body for answer in answers if answer.status == 201}) == 1
    assert len((await operator.get("/keys")).json["items"]) == 1


async def test_another_request_under_the_same_key_is_refused(operator: Client) -> None:
    await operator.post("/keys", {"name": "app"}, idempotency_key="abc")
    other = await operator.post("/keys", {"name": "other"}, idempotency_key="abc")
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


async def test_a_request_that_failed_may_be_sent_again(operator: Client) -> None:
    assert (await operator.post("/keys", {"name": "a", "owner": "x"}, idempotency_key="abc")).status == 404
    assert (await operator.post("/keys", {"name": "a"}, idempotency_key="abc")).status == 201


async def test_the_kept_answer_does_not_show_the_key_in_the_database(
    operator: Client, house: OpenHouse, canaries: Canaries
) -> None:
    made = await operator.post("/keys", {"name": "app"}, idempotency_key="abc")
    async with house.database.read() as connection:
        kept = (await connection.execute(sa.select(idempotency.c.body))).scalar_one()
    assert canaries.also("the new key", made.json["key"]).encode() not in kept


async def test_after_a_day_the_key_is_free_again(operator: Client, house: OpenHouse) -> None:
    await operator.post("/keys", {"name": "app"}, idempotency_key="abc")
    house.clock.ahead = datetime.now(UTC) + timedelta(hours=25)
    assert (await operator.post("/keys", {"name": "other"}, idempotency_key="abc")).status == 201


async def test_a_claim_of_a_dead_process_is_taken_over(operator: Client, house: OpenHouse) -> None:
    await operator.post("/keys", {"name": "app"}, idempotency_key="abc")
    async with house.database.write() as connection:
        await connection.execute(sa.update(idempotency).values(status=None, body=None))
    assert (await operator.post("/keys", {"name": "app"}, idempotency_key="abc")).json["code"] == "conflict"
    house.clock.ahead = datetime.now(UTC) + timedelta(minutes=3)
    assert (await operator.post("/keys", {"name": "app"}, idempotency_key="abc")).json["code"] == "already_exists"
