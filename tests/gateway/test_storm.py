"""A provider that fails for a while does not cost others more than it must: attempts, delay, pauses."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.gateway.hall import Hall
from tests.gateway.upstream import Sent, plain

pytestmark = pytest.mark.alone
ASK = {"model": "sturdy", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
RATES = {"input": "1", "output": "2"}
PER_S = 50
WARM_S = 1.0


@dataclass(slots=True)
class Storm:
    """The first model's provider fails in one way; what it got is kept with its time."""

    status: int
    retry_after: str = ""
    first: list[float] = field(default_factory=list[float])
    others: list[float] = field(default_factory=list[float])

    async def handle(self, sent: Sent, request: web.Request) -> web.StreamResponse:
        if sent.json["model"] != "first":
            self.others.append(time.monotonic())
            return await plain(sent, request)
        self.first.append(time.monotonic())
        headers = {"retry-after": self.retry_after} if self.retry_after else {}
        return web.json_response({"error": {"message": "no"}}, status=self.status, headers=headers)


async def storm(hall: Hall, seconds: float, *, status: int, retry_after: str = "") -> tuple[Storm, list[float]]:
    """Calls at a steady rate; gives what the providers saw, and how long each call took."""
    models = [await hall.model(name, RATES) for name in ("first", "second", "third")]
    await hall.alias("sturdy", *models)
    key, weather = await hall.key("100"), Storm(status, retry_after)
    hall.provider.script = weather.handle
    took: list[float] = []

    async def one() -> None:
        began = time.monotonic()
        answer = await hall.call("/v1/chat/completions", ASK, key)
        took.append(time.monotonic() - began)
        assert answer.status == 200, answer.body

    async with asyncio.TaskGroup() as calls:
        for _ in range(int(seconds * PER_S)):
            calls.create_task(one())
            await asyncio.sleep(1 / PER_S)
    return weather, took


@pytest.mark.full
async def test_a_failing_provider_costs_hardly_more_attempts_than_calls(
    small_hall: Hall, how_many: Callable[[int, int], int]
) -> None:
    seconds = how_many(4, 60)
    began = time.monotonic()
    weather, took = await storm(small_hall, seconds, status=500)
    late = [each for each in weather.first if each > began + WARM_S]
    calls = len(took) - int(WARM_S * PER_S)
    print(f"{len(took)} calls, {len(weather.first)} failed attempts, of them {len(late)} after the first second")
    assert (len(late) + calls) / calls <= 1.2
    assert len(weather.others) == len(took)


@pytest.mark.full
async def test_a_pause_that_was_asked_for_is_kept_to_the_moment(
    small_hall: Hall, how_many: Callable[[int, int], int]
) -> None:
    pause = how_many(1, 10)
    weather, _ = await storm(small_hall, pause * 3.5, status=429, retry_after=str(pause))
    # Calls that were under way together when the first answer came could not know of it.
    asked = [after - before for before, after in zip(weather.first, weather.first[1:], strict=False)]
    print(f"{len(weather.first)} attempts, {asked} s apart")
    assert asked
    assert all(apart >= pause for apart in asked)


async def test_failing_over_adds_less_than_fifty_milliseconds(small_hall: Hall) -> None:
    models = [await small_hall.model(name, RATES) for name in ("first", "second", "third")]
    await small_hall.alias("sturdy", *models)
    await small_hall.alias("calm", *models[1:])
    weather = Storm(500)
    small_hall.provider.script = weather.handle
    key, took = await small_hall.key("100"), dict[str, list[float]](sturdy=[], calm=[])
    for _ in range(4):  # fewer than the breaker waits for
        for name, times in took.items():
            began = time.monotonic()
            assert (await small_hall.call("/v1/chat/completions", ASK | {"model": name}, key)).status == 200
            times.append(time.monotonic() - began)
    assert len(weather.first) == 4
    # The least of each: what the way itself takes, whatever else the machine does.
    assert min(took["sturdy"]) - min(took["calm"]) <= 0.05
