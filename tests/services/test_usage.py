"""Usage and calls: who sees what, and what the sums are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelhall.domain.errors import NotFound
from modelhall.domain.ids import new_id
from modelhall.domain.people import Actor, Role
from modelhall.services.health.model_health import health_of, model_health
from modelhall.services.keys.create_key import NewKey, create_key
from modelhall.services.usage.list_usage import WhatUsage, list_usage
from modelhall.services.usage.show_call import show_call
from modelhall.storage.journal import Intent, Settled
from modelhall.storage.rollups import Pulse
from tests.support.house import OpenHouse, as_key

NOW = datetime.now(UTC)


def call_by(house: OpenHouse, actor: Actor, key_id: str | None = None, **more: object) -> Intent:
    """A settled call in the journal: 10 tokens in, 5 out, 60 nano-dollars."""
    known: dict[str, object] = {"status": "ok", "cost": 60, "model_id": new_id(), "call_id": new_id(), "number": 1}
    known |= more
    intent = Intent(
        id=new_id(),
        call_id=str(known["call_id"]),
        number=int(str(known["number"])),
        organisation_id=actor.organisation_id,
        project_id=None,
        member_id=actor.member_id,
        key_id=key_id,
        profile_id=new_id(),
        model_id=str(known["model_id"]),
        model="den/small",
        asked="default",
        dialect="openai_chat",
        streamed=True,
        started_us=int(NOW.timestamp() * 1_000_000),
        price_id=None,
        bound=100,
        windows=(),
    )
    cost = known["cost"]
    settled = Settled(
        id=intent.id,
        status=str(known["status"]),
        error=None,
        upstream_status=200,
        upstream_id=None,
        first_byte_ms=12,
        total_ms=340,
        usage={"input": 10, "output": 5} if cost is not None else {},
        vendor_usage=None,
        estimated=False,
        flaw=None,
        service_tier="standard",
        cost=None if cost is None else int(str(cost)),
        charge=None if cost is None else int(str(cost)),
        unconfirmed=100 if cost is None else None,
        receipt={"model": "small"},
    )
    house.gateway.desk.journal.write(intent)
    house.gateway.desk.journal.write(settled)
    return intent


async def calls_seen(house: OpenHouse, actor: Actor, what: WhatUsage | None = None) -> set[str]:
    return {row.call_id for row in (await list_usage(house.house, actor, what or WhatUsage())).rows}


async def test_usage_is_there_at_once_and_summed_without_guessing(house: OpenHouse) -> None:
    call_by(house, house.operator)
    call_by(house, house.operator, cost=None, status="unknown")
    page = await list_usage(house.house, house.operator, WhatUsage(), limit=1)
    assert len(page.rows) == 1
    assert page.next == page.rows[0].id
    total = page.total
    assert (total.attempts, total.cost, total.unpriced, total.unconfirmed) == (2, 60, 1, 100)
    assert total.usage == {"input": 10, "output": 5}


async def test_everybody_sees_what_is_theirs(house: OpenHouse) -> None:
    ann, bob = await house.member("ann", Role.MEMBER), await house.member("bob", Role.VIEWER)
    eve = await house.member("eve", Role.ADMIN, organisation="elsewhere")
    one = (await create_key(house.house, house.operator, NewKey(name="one", owner="ann"))).view.key.id
    two = (await create_key(house.house, house.operator, NewKey(name="two", owner="ann"))).view.key.id
    anns = [call_by(house, ann, one).call_id, call_by(house, ann, two).call_id]
    bobs, owners = call_by(house, bob).call_id, call_by(house, house.operator).call_id
    assert await calls_seen(house, house.operator) == {*anns, bobs, owners}
    assert await calls_seen(house, ann) == set(anns)
    assert await calls_seen(house, bob) == {bobs}
    assert await calls_seen(house, eve) == set()
    plain = as_key(ann, one, plain=True)
    assert await calls_seen(house, plain) == {anns[0]}
    assert await calls_seen(house, plain, WhatUsage(key="two")) == {anns[0]}, "a plain key sees nothing else"
    assert await calls_seen(house, replace(plain, role=Role.ADMIN)) == {anns[0]}
    assert await calls_seen(house, house.operator, WhatUsage(key="two")) == {anns[1]}
    assert await calls_seen(house, plain, WhatUsage(model="den/secret")) == set(), "no name is told or denied"
    with pytest.raises(NotFound):
        await calls_seen(house, bob, WhatUsage(key="one"))
    with pytest.raises(NotFound):
        await calls_seen(house, bob, WhatUsage(model="den/secret"))


async def test_usage_is_asked_by_time(house: OpenHouse) -> None:
    call_by(house, house.operator)
    assert await calls_seen(house, house.operator, WhatUsage(since=NOW + timedelta(seconds=1))) == set()
    assert await calls_seen(house, house.operator, WhatUsage(until=NOW)) == set()
    assert len(await calls_seen(house, house.operator, WhatUsage(since=NOW - timedelta(seconds=1)))) == 1


async def test_a_call_is_shown_to_whoever_made_it(house: OpenHouse) -> None:
    ann = await house.member("ann", Role.MEMBER)
    made = (await create_key(house.house, house.operator, NewKey(name="one", owner="ann"))).view.key
    first = call_by(house, ann, made.id)
    call_by(house, ann, made.id, call_id=first.call_id, number=2)
    for actor in (ann, as_key(ann, made.id, plain=True)):
        view = await show_call(house.house, actor, first.call_id)
        assert [row.number for row in view.attempts] == [1, 2]
        assert (view.cost, view.charge, view.receipt) == (120, 120, {"model": "small"})
        assert view.key_names == {made.id: "one"}
    strangers = (
        house.operator,
        await house.member("bob", Role.MEMBER),
        await house.member("eve", Role.ADMIN, organisation="elsewhere"),
        as_key(ann, new_id(), plain=True),
    )
    for actor in strangers:
        with pytest.raises(NotFound):
            await show_call(house.house, actor, first.call_id)
    with pytest.raises(NotFound):
        await show_call(house.house, ann, "no-id")


async def test_a_call_with_an_unknown_part_has_no_known_cost(house: OpenHouse) -> None:
    first = call_by(house, house.operator)
    call_by(house, house.operator, call_id=first.call_id, number=2, cost=None)
    view = await show_call(house.house, house.operator, first.call_id)
    assert (view.cost, view.charge) == (None, None)


async def test_health_comes_from_the_calls_of_the_last_half_hour(house: OpenHouse) -> None:
    model = new_id()
    for status in ("ok", "ok", "ok", "failed", "cut", "refused", "cancelled", "busy", "not_sent"):
        call_by(house, house.operator, model_id=model, status=status)
    await house.house.catch_up()
    async with house.database.read() as connection:
        found = (await model_health(house.house, connection, house.operator.organisation_id))[model]
        assert (found.state, found.uptime, found.attempts) == ("degraded", 0.6, 5)
        house.clock.ahead = NOW + timedelta(minutes=32)
        assert await model_health(house.house, connection, house.operator.organisation_id) == {}


@pytest.mark.parametrize(
    ("ok", "failed", "state", "uptime"),
    [
        (4, 0, "no_data", None),
        (0, 4, "no_data", None),
        (5, 0, "operational", 1.0),
        (19, 1, "operational", 0.95),
        (18, 1, "degraded", 0.9474),
        (5, 5, "degraded", 0.5),
        (4, 5, "down", 0.4444),
        (0, 5, "down", 0.0),
    ],
)
def test_health_has_its_borders(ok: int, failed: int, state: str, uptime: float | None) -> None:
    health = health_of(Pulse("m", {"ok": ok, "deadline": failed, "refused": 50}, NOW))
    assert (health.state, health.uptime, health.attempts) == (state, uptime, ok + failed)
