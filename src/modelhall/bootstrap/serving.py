"""`modelhall serve`: one process that does everything, or a parent with workers."""

import asyncio
import signal
import socket
from contextlib import suppress
from functools import partial

import uvloop

from modelhall.bootstrap.doorstep import address_of, greet, listening, run_file, take_all_files
from modelhall.bootstrap.house import OpenHouse, open_house
from modelhall.bootstrap.server import Server, calm_collector
from modelhall.bootstrap.tls import tls_of
from modelhall.domain.errors import EngineFailed, EngineStarting
from modelhall.services.house import LocalEngine
from modelhall.services.local.supervisor import EngineSupervisor
from modelhall.services.logs.json_lines import write_json_lines
from modelhall.settings import Settings
from modelhall.storage.database import kind_of
from modelhall.storage.datadir import refuse_several_on_old_sqlite
from modelhall.workers.board import new_board
from modelhall.workers.crew import Crew, Deeds, Shared
from modelhall.workers.words import EngineNews, Orders

WORKER = ("-m", "modelhall.bootstrap.worker")


def serve(settings: Settings) -> None:
    """Runs the server until it is stopped. Raises SetupError when it cannot start as asked."""
    write_json_lines(settings.log_level)
    if settings.workers > 1 and kind_of(settings.database_url) == "sqlite":
        refuse_several_on_old_sqlite(settings.workers)
    way = _serve_alone if settings.workers == 1 else _serve_with_workers
    with listening(settings) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(way(settings, listener))


async def _serve_alone(settings: Settings, listener: socket.socket) -> None:
    address = address_of(listener, settings)
    take_all_files()
    async with tls_of(settings) as tls, open_house(settings, serving=True) as house:
        server = Server(settings, house, tls)
        calm_collector()
        with run_file(settings, address, house.operator_token):
            await greet(address, house)
            await server.serve(sockets=[listener])


async def _serve_with_workers(settings: Settings, listener: socket.socket) -> None:
    address, crews = address_of(listener, settings), list[Crew]()
    take_all_files()

    def engine_told(engine: EngineSupervisor) -> None:
        for crew in crews:
            crew.tell(_news(engine))

    async with tls_of(settings), open_house(settings, serving=True, engine_told=engine_told) as house:
        crew = _crew(settings, house, listener)
        crews.append(crew)
        stop = _asked_to_stop(crew)
        async with crew.run(lambda: settings.shutdown_seconds):
            if not stop.is_set():
                with run_file(settings, address, house.operator_token):
                    await greet(address, house)
                    await stop.wait()
            listener.close()


def _crew(settings: Settings, house: OpenHouse, listener: socket.socket) -> Crew:
    told = settings.model_dump_json(exclude_unset=True)
    lock = house.station.lock
    assert lock is not None  # noqa: S101 - told to the type checker

    def orders(seat: int) -> Orders:
        return Orders(told, house.operator_token, seat, _news(house.station.engine))

    keeping = house.gateway.housekeeping
    deeds = Deeds(partial(_want, house.station.engine), keeping.fold_abandoned, house.gateway.lookout.poll)
    return Crew(settings.workers, WORKER, Shared(listener, lock, new_board(settings.workers)), orders, deeds)


def _news(engine: LocalEngine) -> EngineNews:
    """How the built-in model is, with its address if it answers; one that sleeps is not woken by it."""
    status = engine.status()
    if status.state != "ready":
        return EngineNews(status)
    address = engine.address()
    return EngineNews(status, address.origin, address.api_key)


def _want(engine: LocalEngine, install: bool) -> None:
    """Does for a worker what a call, or somebody who wants it installed, does in a house with one process."""
    if install:
        engine.fetch_now()
    else:
        with suppress(EngineStarting, EngineFailed):
            engine.address()


def _asked_to_stop(crew: Crew) -> asyncio.Event:
    """Set by the first signal; a second one ends the workers at once."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def came() -> None:
        if asked.is_set():
            crew.hurry()
        asked.set()
        crew.wait_no_longer()

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, came)
    return asked
