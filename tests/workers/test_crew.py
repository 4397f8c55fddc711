"""The parent keeps its workers: starts them again, ever later if they die at once; gives up only at the start."""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from modelhall.domain.errors import SetupError
from modelhall.gateway.meters import Meters
from modelhall.services.local.status import EngineStatus
from modelhall.workers.board import new_board
from modelhall.workers.crew import Crew, Deeds, Shared
from modelhall.workers.words import EngineNews, Orders

WORKER = """
import asyncio, os, socket, sys, time
from modelhall.gateway.meters import Meters
from modelhall.workers.channel import open_channel
from modelhall.workers.words import CannotStart, Counted, Orders, Question, Ready
open(sys.argv[1], "a").write(f"{time.monotonic()} {os.getpid()}\\n")
async def main():
    async with open_channel(socket.socket(fileno=int(sys.argv[2]))) as channel:
        orders = await channel.next_word()
        assert isinstance(orders, Orders) and orders.token == "secret" and "secret" not in " ".join(sys.orig_argv)
        await work(channel)
async def heard(word):
    pass
"""
STAYS = """
async def work(channel):
    channel.say(Ready())
    channel.say(Counted(Meters(in_flight=1, folded=10)))
    await channel.listen(heard)
asyncio.run(main())
"""
DIES_WHEN_READY = """
async def work(channel):
    channel.say(Ready())
    await asyncio.sleep(0.05)
asyncio.run(main())
"""
CANNOT = """
async def work(channel):
    channel.say(CannotStart("there is no room left"))
asyncio.run(main())
raise SystemExit(3)
"""


NEVER_READY = """
async def work(channel):
    await channel.listen(heard)
asyncio.run(main())
"""


async def _nothing() -> None:
    """What nobody waits for here."""


@asynccontextmanager
async def a_crew(
    tmp_path: Path, script: str, count: int = 2, left_behind: Callable[[], Awaitable[object]] = _nothing
) -> AsyncGenerator[Crew]:
    def orders(seat: int) -> Orders:
        return Orders("{}", "secret", seat, EngineNews(EngineStatus("missing")))

    board = new_board(count)
    with socket.create_server(("127.0.0.1", 0)) as listener, (tmp_path / "lock").open("w") as lock:
        (tmp_path / "worker.py").write_text(WORKER + script)
        command = (str(tmp_path / "worker.py"), str(tmp_path / "lives"))
        shared = Shared(listener, lock.fileno(), board)
        yield Crew(count, command, shared, orders, Deeds(lambda _: None, left_behind, _nothing))
    board.close()


def lives(tmp_path: Path) -> list[tuple[float, int]]:
    """When a worker was started, and its process id."""
    lines = (tmp_path / "lives").read_text().splitlines()
    return [(float(line.split()[0]), int(line.split()[1])) for line in lines]


async def test_workers_that_never_start_end_the_server_with_their_reason(tmp_path: Path) -> None:
    async with a_crew(tmp_path, CANNOT) as crew:
        with pytest.raises(SetupError, match="there is no room left"):
            async with crew.run(lambda: 1.0):
                raise AssertionError("nobody is ready")
    assert 3 <= len(lives(tmp_path)) <= 6


async def test_a_program_that_cannot_run_is_named_by_how_it_ended(tmp_path: Path) -> None:
    async with a_crew(tmp_path, "raise SystemExit(7)", count=1) as crew:
        with pytest.raises(SetupError, match="left with code 7"):
            async with crew.run(lambda: 1.0):
                raise AssertionError("nobody is ready")


async def test_a_worker_that_dies_at_once_again_and_again_is_started_ever_later(tmp_path: Path) -> None:
    async with a_crew(tmp_path, DIES_WHEN_READY, count=1) as crew, crew.run(lambda: 1.0):
        async with asyncio.timeout(60):
            while len(lives(tmp_path)) < 5:
                await asyncio.sleep(0.1)
    begun = [at for at, _ in lives(tmp_path)]
    assert begun[4] - begun[0] > 0.25 + 0.5 + 1 + 2


@pytest.mark.timed
async def test_stopping_ends_all_and_waits_for_no_new_one(tmp_path: Path) -> None:
    async with a_crew(tmp_path, STAYS) as crew:
        async with crew.run(lambda: 30.0):
            pids = {pid for _, pid in lives(tmp_path)}
            assert len(pids) == 2
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


async def test_what_a_dead_worker_counted_stays_but_not_what_it_was_doing(tmp_path: Path) -> None:
    async with a_crew(tmp_path, STAYS) as crew, crew.run(lambda: 1.0):
        for before in (0, 2):
            await until_told(crew, folded=20 + 10 * before, in_flight=2)
            for _, pid in lives(tmp_path)[before:]:
                assert (await asyncio.create_subprocess_exec("kill", "-9", str(pid))) is not None


async def test_a_server_that_is_to_stop_before_it_has_started_stops(tmp_path: Path) -> None:
    async with a_crew(tmp_path, NEVER_READY) as crew:
        asyncio.get_running_loop().call_later(0.3, crew.wait_no_longer)
        async with asyncio.timeout(10), crew.run(lambda: 5.0):
            pass


async def test_what_killed_workers_left_is_folded_before_the_end(tmp_path: Path) -> None:
    alive = list[int]()

    async def left_behind() -> None:
        alive.append(sum(Path(f"/proc/{pid}").exists() for _, pid in lives(tmp_path)))

    async with a_crew(tmp_path, STAYS, left_behind=left_behind) as crew, crew.run(lambda: 5.0):
        crew.hurry()
    assert alive == [0]


async def until_told(crew: Crew, *, folded: int, in_flight: int) -> None:
    async with asyncio.timeout(30):
        while (sums := await crew.counted()) != Meters(in_flight=in_flight, folded=folded):
            assert sums.folded <= folded
            await asyncio.sleep(0.1)
