"""The regular work goes on whatever happens to it."""

import asyncio

import pytest

from modelhall.domain.errors import DatabaseUnavailable
from modelhall.gateway import lookout as room
from tests.gateway.hall import Hall
from tests.storage.ledger_seeds import rows

ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"


async def test_folding_goes_on_after_a_fault_nobody_thought_of(
    small_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small_hall.model("small")
    folder = small_hall.gateway.housekeeping.folder
    fold = type(folder).fold
    failed: list[int] = []

    async def broken(_: object) -> int:
        failed.append(1)
        raise RuntimeError("a fault nobody thought of")

    monkeypatch.setattr(type(folder), "fold", broken)
    await small_hall.call(CHAT, ASK, await small_hall.key())
    async with asyncio.timeout(3):
        while not failed:
            await asyncio.sleep(0.05)
    monkeypatch.setattr(type(folder), "fold", fold)
    async with asyncio.timeout(3):
        while len(await rows(small_hall.database)) != 1:
            await asyncio.sleep(0.05)


async def test_a_change_that_cannot_be_read_is_not_served_past_for_ever(
    small_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookout = small_hall.gateway.lookout

    async def broken(*_: object) -> object:
        raise DatabaseUnavailable("the picture cannot be read")

    monkeypatch.setattr(room, "read_picture", broken)
    before = lookout.current()
    async with small_hall.database.change(small_hall.actor) as change:
        await change.audit("key.delete", "key", next(iter(before.libraries)), "some key")
    confirmed = lookout._confirmed  # pyright: ignore[reportPrivateUsage] - how long it may still be served from
    with pytest.raises(DatabaseUnavailable):
        await lookout.poll()
    assert lookout._confirmed == confirmed  # pyright: ignore[reportPrivateUsage]
