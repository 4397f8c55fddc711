"""The composition root: the only file that knows which parts are real, and puts them together."""

import asyncio
import gc
import hmac
import json
import logging
import os
import resource
import secrets
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import Mount

from modelhall import __version__
from modelhall.api.app import Way, create_control_api
from modelhall.api.compat.app import COMPAT_PREFIX, create_compat_api
from modelhall.catalog.load import load
from modelhall.domain.errors import SetupError
from modelhall.domain.people import Actor, Role
from modelhall.gateway.call import Caller
from modelhall.gateway.doors.cors import LiveCors
from modelhall.gateway.doors.form import Limits
from modelhall.gateway.doors.model_door import ModelDoor
from modelhall.gateway.doors.operations import operations_routes
from modelhall.gateway.doors.routes import model_doors, model_routes
from modelhall.gateway.doors.server import Doorkeeper
from modelhall.gateway.opening import Gateway, Terms, open_gateway
from modelhall.providers.registry import providers
from modelhall.services.house import House, Setting, Vitals, utc_now
from modelhall.services.links import Links
from modelhall.services.local.folder import engine_folder
from modelhall.services.local.on_demand import EngineOnDemand
from modelhall.services.local.supervisor import EngineSupervisor
from modelhall.services.logs.json_lines import write_json_lines
from modelhall.services.start.find_environment import find_environment
from modelhall.services.start.find_ollama import find_ollama
from modelhall.services.start.first_start import first_start
from modelhall.settings import FILE_NAME, Settings, reload_live, variable_of
from modelhall.storage.database import open_database
from modelhall.storage.datadir import lock_data_dir, prepare_data_dir, temporary_file_system
from modelhall.storage.migrate import migrate
from modelhall.storage.vault import open_vault
from modelhall.web.page import page_routes

RUN_FILE = Path("run") / "server.json"
RELOAD_S = 1.0
MOST_FILES = 65_536

log = logging.getLogger(__name__)


@dataclass(slots=True)
class OpenHouse:
    """A house that is open: its door, and the token by which its operator comes in."""

    app: Any
    doors: Mapping[str, ModelDoor]
    """Those that the server may lead plain calls to by itself; the application has them too."""
    operator_token: str = field(repr=False)
    links: Links
    gateway: Gateway
    house: House
    watch: "Watch"


def serve(settings: Settings) -> None:
    """Runs the server until it is stopped. Raises SetupError when it cannot start as asked."""
    write_json_lines(settings.log_level)
    with _listening(settings) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    address = _address(listener)
    _take_all_files()
    async with open_house(settings, serving=True) as house:
        config = uvicorn.Config(
            house.app,
            http=cast("type[asyncio.Protocol]", Doorkeeper(house.watch.limits, house.doors)),  # uvicorn only calls it
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(settings.shutdown_seconds),
        )
        server = _Server(config, lambda: setattr(house.gateway.desk, "draining", True))
        _calm_collector()
        with _run_file(settings.data, address, house.operator_token):
            _greet(address, house.links.issue())
            await server.serve(sockets=[listener])


def _take_all_files() -> None:
    """As many open files as the system grants: each connection is one, and many systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if wanted > soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _calm_collector() -> None:
    """What is there now stays: the collector need not look at it again, and looks at what is new less often.

    Without this a third of the time of a call goes into looking (the benchmark, 2026-11).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


class _Server(uvicorn.Server):
    """Tells the house as soon as it is asked to stop: calls under way go on, new ones are refused."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Takes the signals for good: uvicorn would raise them again once it stopped, before the house is closed."""
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, self.handle_exit, sign, None)
        yield

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._stopping()
        super().handle_exit(sig, frame)


@asynccontextmanager
async def open_house(settings: Settings, *, serving: bool = False) -> AsyncGenerator[OpenHouse]:
    """Opens everything for as long as the context lasts; `serving`: with the built-in model running from the start.

    Raises SetupError, DatabaseUnavailable.
    """
    _refuse_reserved(settings)
    started, token, environ = datetime.now(UTC), secrets.token_urlsafe(32), dict(os.environ)
    async with AsyncExitStack() as stack:
        prepare_data_dir(settings.data)
        stack.enter_context(lock_data_dir(settings.data))
        database = await stack.enter_async_context(open_database(settings.database_url, data=settings.data))
        await migrate(database)
        vault = await open_vault(database, settings.data, settings.master_key)
        watch = Watch(settings, environ)
        operator = await first_start(database)
        engine = await stack.enter_async_context(_engine(settings, serving=serving))
        gateway = await stack.enter_async_context(
            open_gateway(database, vault, providers(), engine, _operator_caller(token, operator), _terms(watch))
        )
        links = Links(utc_now)
        house = House(
            database=database,
            vault=vault,
            providers=providers(),
            catalog=load(),
            credentials=gateway.credentials,
            lines=gateway.desk.lines,
            desk=gateway.desk,
            lookout=gateway.lookout,
            upstream=gateway.desk.upstream,
            engine=engine,
            links=links,
            data=settings.data,
            operator=operator,
            operator_token=token,
            vitals=lambda: _vitals(settings, gateway, started),
            settings=watch.in_force,
            catch_up=gateway.housekeeping.fold,
        )
        await find_environment(house)
        await stack.enter_async_context(watch.run())
        if serving and settings.on_loopback:
            await stack.enter_async_context(_beside(find_ollama(house)))
        doors = model_doors(gateway.desk)
        yield OpenHouse(_app(house, gateway, doors, watch), doors, token, links, gateway, house, watch)


def _app(house: House, gateway: Gateway, doors: Mapping[str, ModelDoor], watch: "Watch") -> LiveCors:
    way = Way(watch.settings.public_url, watch.settings.insecure_http)
    routes = [
        *operations_routes(gateway.desk, gateway.parts),
        *model_routes(gateway.desk, doors),
        Mount("/api/v1", create_control_api(house, way)),
        Mount(COMPAT_PREFIX, create_compat_api(house, way, lambda: watch.settings.public_models_of)),
        *page_routes(),
    ]
    return LiveCors(Starlette(routes=routes), lambda: watch.settings.cors_origins)


@asynccontextmanager
async def _engine(settings: Settings, *, serving: bool) -> AsyncGenerator[EngineSupervisor | EngineOnDemand]:
    supervisor = EngineSupervisor(engine_folder(settings.data), fetch=serving and settings.engine)
    engine = supervisor if serving and settings.engine else EngineOnDemand(supervisor)
    async with engine.run():
        yield engine


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, object]) -> AsyncGenerator[None]:
    """Has the work done while the context lasts, and ended with it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _operator_caller(token: str, operator: Actor) -> Callable[[str], Caller | None]:
    caller = Caller(operator.organisation_id, operator.member_id, None, role=Role.ADMIN)
    expected = token.encode()

    def known(presented: str) -> Caller | None:
        return caller if hmac.compare_digest(presented.encode(), expected) else None

    return known


def _terms(watch: "Watch") -> Terms:
    settings = watch.settings
    return Terms(
        journal_root=settings.data / "journal",
        bounds=watch.bounds,
        environment=watch.environ,
        private_addresses=settings.allow_private,
        ca_file=settings.ca_file,
        synchronous=settings.durability == "sync",
        stale_limit_s=settings.stale_limit_seconds,
    )


def _vitals(settings: Settings, gateway: Gateway, started: datetime) -> Vitals:
    temporary = temporary_file_system(settings.data)
    return Vitals(
        version=__version__,
        started_at=started,
        durability=settings.durability,
        parts=gateway.parts(),
        unfolded=gateway.desk.journal.unfolded,
        warnings=(f"the data directory is on a temporary file system ({temporary})",) if temporary else (),
    )


class Watch:
    """The settings in force: those marked live are read again when the file changes; a bad file changes nothing."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.environ = environ
        self._bounds = settings.bounds()
        self._file = settings.data / FILE_NAME
        self._seen = self._stamp()

    def bounds(self) -> Any:
        """The bounds in force."""
        return self._bounds

    def limits(self) -> Limits:
        """The limits of connections in force."""
        return Limits(connections=self.settings.connections)

    def in_force(self) -> list[Setting]:
        """Every setting with where it comes from; secrets hidden."""
        values = self.settings.model_dump(mode="json")
        return [self._setting(name, value) for name, value in values.items()]

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Looks at the file once a second while the context lasts."""
        async with _beside(self._look()):
            yield

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(RELOAD_S)
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                self.read_again()

    def read_again(self) -> None:
        """Takes over what changed in the file; with a fault in it, the last good settings stay in force."""
        try:
            self.settings = reload_live(self.settings, self.environ)
        except SetupError as error:
            log.error("%s is not taken over: %s", FILE_NAME, error.message)
            return
        self._bounds = self.settings.bounds()
        logging.getLogger().setLevel(self.settings.log_level.upper())
        log.info("%s was read again", FILE_NAME)

    def _stamp(self) -> tuple[int, int] | None:
        with suppress(OSError):
            found = self._file.stat()
            return found.st_mtime_ns, found.st_size
        return None

    def _setting(self, name: str, value: object) -> Setting:
        field_ = Settings.model_fields[name]
        variable = variable_of(name)
        source = "default" if name not in self.settings.model_fields_set else FILE_NAME
        if variable in self.environ or f"{variable}_FILE" in self.environ:
            source = "environment"
        shown = value if field_.repr or value is None else "[hidden]"
        return Setting(name, shown, source, variable)


def _refuse_reserved(settings: Settings) -> None:
    if settings.workers > 1:
        raise SetupError("--workers above 1 is reserved: leave it out, one process does all the work")
    for name in ("valkey_url", "admin_email", "admin_password"):
        if getattr(settings, name) is not None:
            raise SetupError(f"{variable_of(name)} is reserved and does nothing in this version: take it away to start")


@contextmanager
def _listening(settings: Settings) -> Any:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SetupError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another with --port or --host"
        ) from error
    with listener:
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


@contextmanager
def _run_file(data: Path, address: str, token: str) -> Any:
    """Tells the commands on this machine where the server is, and by what token they come in."""
    path = data / RUN_FILE
    path.parent.mkdir(mode=0o700, exist_ok=True)
    content = {"address": address, "token": token, "pid": os.getpid(), "started_at": datetime.now(UTC).isoformat()}
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)
    new.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _greet(address: str, code: str) -> None:
    """What the person who started it reads."""
    print(f"\nModelhall is at {address}\nSign in once, within 15 minutes: {address}/#link={code}\n", flush=True)  # noqa: T201
