"""The line between processes: whatever is asked is answered or given up, and its end is noticed."""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from modelhall.domain.errors import DatabaseUnavailable
from modelhall.gateway.meters import Meters
from modelhall.workers.channel import Channel, Handler, open_channel
from modelhall.workers.words import Counted, Question, Ready, Word


@asynccontextmanager
async def a_line(one_hears: Handler, other_hears: Handler) -> AsyncGenerator[tuple[Channel, Channel]]:
    one, other = socket.socketpair()
    async with open_channel(one) as here, open_channel(other) as there, asyncio.TaskGroup() as group:
        tasks = [group.create_task(here.listen(one_hears)), group.create_task(there.listen(other_hears))]
        yield here, there
        for task in tasks:
            task.cancel()


async def deaf(_word: Word) -> None:
    """Hears nothing."""


async def test_counters_come_through_as_they_are() -> None:
    meters, heard = Meters(in_flight=3, unpriced=1), list[Word]()
    meters.attempts["p", "m", "ok"] = 5
    meters.first_byte.add(0.2)

    async def hears(word: Word) -> Meters | None:
        heard.append(word)
        return meters if isinstance(word, Question) else None

    async with a_line(deaf, hears) as (here, _):
        here.say(Counted(meters))
        assert await here.ask("count") == meters
    assert heard == [Counted(meters), Question(1, "count")]


@pytest.mark.timed
async def test_a_question_is_given_up_when_nobody_answers_or_the_other_one_is_gone() -> None:
    async def never(_word: Word) -> None:
        await asyncio.Event().wait()

    async with a_line(deaf, never) as (here, there):
        began = time.monotonic()
        assert await here.ask("fold") is None
        assert time.monotonic() - began < 5
        asking = asyncio.create_task(here.ask("fold"))
        await asyncio.sleep(0.05)
        await there.close()
        began = time.monotonic()
        assert await asking is None
        assert await here.ask("fold") is None
        assert time.monotonic() - began < 0.5
        here.say(Ready())


@pytest.mark.timed
async def test_one_who_cannot_do_it_answers_all_the_same() -> None:
    async def fails(_word: Word) -> None:
        raise DatabaseUnavailable("away")

    async with a_line(deaf, fails) as (here, _):
        began = time.monotonic()
        assert await here.ask("fold") is None
        assert time.monotonic() - began < 0.5


async def test_both_may_ask_at_the_same_time() -> None:
    async def five(_word: Word) -> Meters:
        return Meters(folded=5)

    async with a_line(five, five) as (here, there):
        answers = await asyncio.gather(*(each.ask("count") for each in (here, there) for _ in range(50)))
    assert [answer and answer.folded for answer in answers] == [5] * 100
