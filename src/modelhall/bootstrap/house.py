"""Opens the house: the parts that are real, put together, in a house of its own or in one of several workers."""

import hmac
import logging
import os
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from modelhall import __version__
from modelhall.bootstrap.beside import beside
from modelhall.bootstrap.gate import SetUpGate
from modelhall.bootstrap.late import Late
from modelhall.bootstrap.watch import Watch
from modelhall.catalog.load import load
from modelhall.domain.errors import SetupError
from modelhall.domain.people import Actor
from modelhall.gateway.doors.cors import LiveCors
from modelhall.gateway.doors.guards import Application, Guarded
from modelhall.gateway.doors.model_door import ModelDoor
from modelhall.gateway.doors.operations import Counted, operations_routes
from modelhall.gateway.doors.proxy import BehindProxy
from modelhall.gateway.doors.routes import model_doors, model_routes
from modelhall.gateway.opening import Gateway, Terms, open_gateway
from modelhall.providers.registry import providers
from modelhall.services.accounts.first_admin import first_admin
from modelhall.services.evidence.watch_evidence import watch_evidence
from modelhall.services.house import House, Vitals
from modelhall.services.local.elsewhere import EngineElsewhere
from modelhall.services.local.folder import engine_folder
from modelhall.services.local.on_demand import EngineOnDemand
from modelhall.services.local.status import EngineStatus
from modelhall.services.local.supervisor import EngineSupervisor
from modelhall.services.models.refresh_list import keep_lists_fresh
from modelhall.services.start.find_environment import find_environment
from modelhall.services.start.find_ollama import find_ollama
from modelhall.services.start.first_start import first_start
from modelhall.settings import Settings, variable_of
from modelhall.storage.database import Database, open_database
from modelhall.storage.datadir import lock_data_dir, prepare_data_dir, temporary_file_system
from modelhall.storage.migrate import migrate
from modelhall.storage.vault import open_vault
from modelhall.web.page import page_routes
from modelhall.workers.post import Post

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Station:
    """What differs between a house of its own and one of several workers."""

    token: str = field(repr=False)
    """By which the operator comes in."""
    engine: EngineSupervisor | EngineOnDemand | EngineElsewhere
    lock: int | None = None
    """What holds the data directory."""
    post: Post | None = None
    """A worker's line to its parent."""


@dataclass(slots=True)
class OpenHouse:
    """A house that is open: its door, and what stands behind it."""

    app: Any
    doors: Mapping[str, ModelDoor]
    """Those that the server may lead plain calls to by itself; the application has them too."""
    station: Station
    gateway: Gateway
    house: House
    watch: Watch

    @property
    def operator_token(self) -> str:
        """The token by which its operator comes in."""
        return self.station.token

    @property
    def awaits_set_up(self) -> bool:
        """Whether others can reach it and nobody has signed in or made a key yet."""
        return self.gateway.desk.public and not self.gateway.lookout.current().claimed

    def stopping(self) -> None:
        """No new calls are taken from now on."""
        self.gateway.desk.draining = True


@asynccontextmanager
async def open_house(
    settings: Settings, *, serving: bool = False, engine_told: Callable[[EngineSupervisor], None] = lambda _: None
) -> AsyncGenerator[OpenHouse]:
    """Opens everything for as long as the context lasts; `serving`: with the built-in model running from the start.

    `engine_told` hears of each change of the built-in model. Raises SetupError, DatabaseUnavailable.
    """
    _refuse_reserved(settings)
    prepare_data_dir(settings.data)
    async with AsyncExitStack() as stack:
        lock = stack.enter_context(lock_data_dir(settings.data))
        database = await stack.enter_async_context(open_database(settings.database_url, data=settings.data))
        await migrate(database)
        engine = await stack.enter_async_context(_engine(settings, engine_told, serving=serving))
        station = Station(f"op_{secrets.token_urlsafe(32)}", engine, lock)
        opened = await stack.enter_async_context(_furnished(settings, database, station))
        await find_environment(opened.house)
        if await first_admin(opened.house, settings.admin_email, settings.admin_password):
            log.info("the admin that the settings name was made; change the password, and take it out of the settings")
        if serving:
            hours = partial(_discovery_hours, opened.watch)
            await stack.enter_async_context(beside(keep_lists_fresh(opened.house, hours)))
            await stack.enter_async_context(beside(watch_evidence(opened.house)))
        if serving and settings.on_loopback:
            await stack.enter_async_context(beside(find_ollama(opened.house)))
        yield opened


@asynccontextmanager
async def open_branch(settings: Settings, token: str, post: Post) -> AsyncGenerator[OpenHouse]:
    """The house of one worker: its parent has locked and migrated, keeps the engine, and finds what is to be found.

    Raises SetupError, DatabaseUnavailable.
    """
    async with (
        open_database(settings.database_url, data=settings.data) as database,
        _furnished(settings, database, Station(token, post.engine, post=post)) as opened,
        post.at_work(opened.gateway),
    ):
        database.on_change(post.changed)
        yield opened


@asynccontextmanager
async def _furnished(settings: Settings, database: Database, station: Station) -> AsyncGenerator[OpenHouse]:
    started, watch, post = datetime.now(UTC), Watch(settings, dict(os.environ)), station.post
    vault = await open_vault(database, settings.data, settings.master_key)
    operator = await first_start(database)
    async with open_gateway(
        database, vault, providers(), station.engine, _known(station.token, operator), _terms(watch)
    ) as gateway:
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
            engine=station.engine,
            data=settings.data,
            operator=operator,
            operator_token=station.token,
            vitals=lambda: _vitals(settings, gateway, started),
            sign_in=settings.signing_in(),
            settings=watch.in_force,
            catch_up=post.catch_up if post else gateway.housekeeping.fold,
        )
        counted = post.counted if post else gateway.counted
        async with watch.run():
            doors = model_doors(gateway.desk)
            app = SetUpGate(_app(house, gateway, doors, watch, counted), gateway.desk)
            yield OpenHouse(app, doors, station, gateway, house, watch)


def _app(house: House, gateway: Gateway, doors: Mapping[str, ModelDoor], watch: Watch, counted: Counted) -> Application:
    routes = [
        *operations_routes(gateway.desk, gateway.parts, counted),
        *model_routes(gateway.desk, doors),
        Mount("/api/v1", Late(lambda: _control_plane().control_api(house, watch))),
        Mount("/api", Late(lambda: _control_plane().compat_api(house, watch))),
        *page_routes(),
    ]
    app = Guarded(LiveCors(Starlette(routes=routes), lambda: watch.settings.cors_origins))
    trusted, public_url = watch.settings.trusted_proxies, watch.settings.public_url
    return BehindProxy(app, trusted, public_url) if trusted or public_url else app


def _control_plane() -> ModuleType:
    return import_module("modelhall.bootstrap.control_plane")


@asynccontextmanager
async def _engine(
    settings: Settings, told: Callable[[EngineSupervisor], None], *, serving: bool
) -> AsyncGenerator[EngineSupervisor | EngineOnDemand]:
    def changed(_status: EngineStatus) -> None:
        told(supervisor)

    fetch = serving and settings.engine
    supervisor = EngineSupervisor(engine_folder(settings.data), fetch=fetch, on_change=changed)
    engine = supervisor if serving and settings.engine else EngineOnDemand(supervisor)
    async with engine.run():
        yield engine


def _discovery_hours(watch: Watch) -> float:
    return watch.settings.discovery_hours


def _known(token: str, operator: Actor) -> Callable[[str], Actor | None]:
    expected = token.encode()

    def known(presented: str) -> Actor | None:
        return operator if hmac.compare_digest(presented.encode(), expected) else None

    return known


def _terms(watch: Watch) -> Terms:
    settings = watch.settings
    return Terms(
        journal_root=settings.data / "journal",
        bounds=watch.bounds,
        environment=watch.environ,
        private_addresses=settings.allow_private,
        secrets_dir=settings.secrets_dir,
        ca_file=settings.ca_file,
        synchronous=settings.durability == "sync",
        stale_limit_s=settings.stale_limit_seconds,
        # The file lies in the data directory, and whoever opens that holds its lock.
        alone=settings.workers == 1 and not settings.database_url,
        public=not settings.on_loopback,
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


def _refuse_reserved(settings: Settings) -> None:
    if settings.valkey_url is not None:
        words = "is reserved and does nothing in this version: take it away to start"
        raise SetupError(f"{variable_of('valkey_url')} {words}")
