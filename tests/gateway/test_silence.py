"""A provider that says nothing is not waited for beyond its deadline, whatever it was about to say."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from modelhall.gateway.desk import Bounds
from modelhall.gateway.upstream import Deadlines
from tests.gateway.faulty import Faulty, Script, Wire, lead_to, nobody_accepts, pieces
from tests.gateway.hall import Hall
from tests.gateway.listening import WAYS, ask, heard
from tests.storage.ledger_seeds import rows

pytestmark = pytest.mark.timed
DEADLINES = Deadlines(connect=0.9, first_byte=1.2, idle=0.7, total=2.5)
LATE = 0.25
"""A deadline may be missed by so many seconds, or by a tenth of it."""


def falls_silent(after: int, half: bool = False) -> Script:
    """Sends so many pieces of its answer, and perhaps half of the next one, and then nothing."""

    async def script(wire: Wire) -> None:
        answer = pieces(wire, "word")
        await wire.head()
        for each in [*answer[:after], *[each[: len(each) // 2] for each in answer[after : after + 1] if half]]:
            await wire.piece(each)
        await wire.silence()

    return script


async def says_nothing(wire: Wire) -> None:
    await wire.silence()


async def stops_in_its_head(wire: Wire) -> None:
    await wire.raw_bytes(b"HTTP/1.1 200 OK\r\ncontent-type: te")
    await wire.silence()


async def refuses_without_end(wire: Wire) -> None:
    await wire.head(status=500)
    await wire.silence()


async def drips_its_head(wire: Wire) -> None:
    await wire.raw_bytes(b"HTTP/1.1 200 OK\r\nx: ")
    while wire.left is None:
        await wire.raw_bytes(b"x")
        await asyncio.sleep(0.1)


async def pings_without_end(wire: Wire) -> None:
    await wire.head()
    while wire.left is None:
        await wire.piece(b": wait\n\n")
        await asyncio.sleep(0.1)


async def talks_without_end(wire: Wire) -> None:
    await wire.head()
    answer = pieces(wire, "word")
    for each in [*answer[:5], *answer[5:6] * 1_000]:
        await wire.piece(each)
        await asyncio.sleep(0.1)


PHASES = {
    "before its head": (says_nothing, DEADLINES.first_byte, 504),
    "in its head": (stops_in_its_head, DEADLINES.first_byte, 504),
    "dripping its head": (drips_its_head, DEADLINES.first_byte, 504),
    "after its head": (falls_silent(0), DEADLINES.first_byte, 504),
    "in its preamble": (falls_silent(0, half=True), DEADLINES.idle, 504),
    "after its preamble": (falls_silent(1), DEADLINES.idle, 504),
    "in the middle": (falls_silent(30), DEADLINES.idle, 200),
    "in the middle of an event": (falls_silent(30, half=True), DEADLINES.idle, 200),
    "before its end": (falls_silent(58), DEADLINES.idle, 200),
    "pings without end": (pings_without_end, DEADLINES.total, 504),
    "talks without end": (talks_without_end, DEADLINES.total, 200),
}
PHASES_OF_WHOLE = {
    name: PHASES[name][:2] for name in ("before its head", "in its head", "dripping its head", "after its head")
} | {"in the middle": PHASES["in the middle"][:2], "before its end": (falls_silent(59), DEADLINES.idle)}


@pytest.fixture
def hall(small_hall: Hall, provider: Faulty) -> Hall:
    """The small hall with deadlines that a test can wait for."""
    small_hall.bounds[0] = Bounds(DEADLINES)
    return small_hall


class Lag:
    """How late this process's clock rang, at most: a machine busy with other things is no missed deadline."""

    def __init__(self) -> None:
        self.most = 0.0

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.02
            await asyncio.sleep(0.02)
            self.most = max(self.most, loop.time() - due)


@pytest.fixture
async def lag() -> AsyncIterator[Lag]:
    found = Lag()
    task = asyncio.create_task(found.watch())
    yield found
    task.cancel()


def in_time(took: float, deadline: float, lag: Lag) -> bool:
    return deadline - 0.05 <= took <= deadline + max(LATE, deadline / 10) + min(lag.most, 1.0)


@pytest.mark.parametrize("way", WAYS)
async def test_silence_in_a_stream_ends_it_at_its_deadline(hall: Hall, provider: Faulty, lag: Lag, way: str) -> None:
    path, profile = WAYS[way]
    key = await hall.key(budget="1")

    async def one(number: int, script: Script, deadline: float, status: int) -> None:
        provider.scripts[str(number)] = script
        began = time.monotonic()
        answer = await hall.call(path, ask(f"{profile}/small", str(number), stream=True), key)
        took = time.monotonic() - began
        where = (list(PHASES)[number], took, answer.status, answer.body[-300:])
        assert in_time(took, deadline, lag), where
        assert answer.status == status, where
        if status == 200:
            said = heard(answer.body)
            assert (said.errors, said.error_is_last, said.ended) == (1, True, False), where

    await asyncio.gather(*(one(number, *phase) for number, phase in enumerate(PHASES.values())))
    async with asyncio.timeout(1):
        while any(wire.left is None for wire in provider.wires):
            await asyncio.sleep(0.01)
    await hall.settled()
    assert {row["status"] for row in await rows(hall.database)} == {"deadline"}


@pytest.mark.parametrize("way", WAYS)
async def test_silence_in_a_whole_answer_ends_it_at_its_deadline(
    hall: Hall, provider: Faulty, lag: Lag, way: str
) -> None:
    path, profile = WAYS[way]
    key = await hall.key(budget="1")

    async def one(number: int, script: Script, deadline: float) -> None:
        provider.scripts[str(number)] = script
        began = time.monotonic()
        answer = await hall.call(path, ask(f"{profile}/small", str(number), stream=False), key)
        took = time.monotonic() - began
        assert in_time(took, deadline, lag), (list(PHASES_OF_WHOLE)[number], took)
        assert answer.status == 504

    await asyncio.gather(*(one(number, *phase) for number, phase in enumerate(PHASES_OF_WHOLE.values())))
    await hall.settled()
    assert {row["status"] for row in await rows(hall.database)} == {"deadline"}


async def test_a_provider_that_takes_no_connection_is_not_waited_for(hall: Hall, lag: Lag) -> None:
    key = await hall.key(budget="1")
    with nobody_accepts() as address:
        await lead_to(hall, address)
        began = time.monotonic()
        answer = await hall.call(WAYS["openai"][0], ask("gpt/small", "none", stream=True), key)
        assert in_time(time.monotonic() - began, DEADLINES.connect, lag)
    assert answer.status == 502
    await hall.settled()
    assert [(row["status"], row["cost"]) for row in await rows(hall.database)] == [("failed", 0)]


async def test_a_refusal_whose_body_never_comes_is_still_that_refusal(hall: Hall, provider: Faulty) -> None:
    provider.scripts["busy"] = refuses_without_end
    began = time.monotonic()
    answer = await hall.call(WAYS["openai"][0], ask("gpt/small", "busy", stream=True), await hall.key())
    assert answer.status == 502
    assert time.monotonic() - began < DEADLINES.first_byte + LATE


@pytest.mark.parametrize("way", WAYS)
async def test_a_slow_drip_lives(hall: Hall, provider: Faulty, way: str) -> None:
    async def drips(wire: Wire) -> None:
        answer = pieces(wire, "word")
        await wire.head()
        for each in [*answer[:3], b"".join(answer[3:-1]), *[bytes([byte]) for byte in answer[-1][:3]], answer[-1][3:]]:
            await wire.piece(each)
            await asyncio.sleep(0.2)
        await wire.end()

    provider.scripts["drip"] = drips
    hall.bounds[0] = Bounds(Deadlines(connect=0.9, first_byte=0.4, idle=0.4, total=20))
    path, profile = WAYS[way]
    answer = await hall.call(path, ask(f"{profile}/small", "drip", stream=True), await hall.key())
    said = heard(answer.body)
    assert (said.errors, said.ended) == (0, True), answer.body
