"""A house for the tests of services and control API: a real database and data plane, no engine, no world outside."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.load import load
from modelhall.domain.errors import EngineStarting
from modelhall.domain.people import Actor, Role
from modelhall.domain.sign_in import SignIn
from modelhall.gateway.desk import Bounds
from modelhall.gateway.engine import EngineAddress
from modelhall.gateway.opening import Gateway, Terms, open_gateway
from modelhall.providers.registry import providers
from modelhall.services import links
from modelhall.services.house import House, Setting, Vitals, utc_now
from modelhall.services.local.status import EngineStatus
from modelhall.services.passwords import Passwords
from modelhall.services.start.first_start import first_start
from modelhall.storage import members, organisations
from modelhall.storage.database import Database, open_database
from modelhall.storage.migrate import migrate
from modelhall.storage.vault import open_vault

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Passwords of tests take no time; one test looks at what the real parameters are."""
TOKEN = "the-operators-token-of-this-start"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests in which the database makes no difference."""


@dataclass(slots=True)
class NoEngine:
    """The built-in model is being fetched, for ever; unless a test says where it answers."""

    asked: int = 0
    at: EngineAddress | None = None

    def status(self) -> EngineStatus:
        if self.at is not None:
            return EngineStatus("ready")
        return EngineStatus("fetching", fetched_bytes=1, total_bytes=2)

    def fetch_now(self) -> None:
        self.asked += 1

    def address(self) -> EngineAddress:
        if self.at is not None:
            return self.at
        raise EngineStarting("the built-in model is being fetched", retry_after_s=5)


@dataclass(slots=True)
class Clock:
    """A clock that a test may put forward."""

    ahead: datetime | None = None

    def __call__(self) -> datetime:
        return self.ahead or utc_now()


@dataclass(slots=True)
class OpenHouse:
    """The house and what stands behind it."""

    house: House
    gateway: Gateway
    engine: NoEngine
    clock: Clock
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def operator(self) -> Actor:
        return self.house.operator

    @property
    def database(self) -> Database:
        return self.house.database

    async def link(self) -> str:
        """A sign-in code."""
        async with self.database.write() as connection:
            return await links.issue(connection, self.clock())

    async def member(self, login: str, role: Role, organisation: str = "default") -> Actor:
        """Somebody with that role, as if signed in; the organisation is made if it is not there."""
        async with self.database.change(self.operator) as change:
            place = await organisations.organisation_by_slug(change.connection, organisation)
            if place is None:
                place = await organisations.insert_organisation(change.connection, slug=organisation, name=organisation)
            account = await members.insert_account(change.connection, login=login, name=login)
            member = await members.insert_member(
                change.connection, organisation_id=place.id, account=account, role=role
            )
            await change.audit("member.add", "member", member.id, login, organisation_id=place.id)
        return Actor(place.id, member.id, role, "session", account_id=account.id)


@cache
def catalog() -> Catalog:
    """Read once for all tests; it never changes."""
    return load()


@asynccontextmanager
async def open_test_house(
    url: str,
    data: Path,
    environment: Mapping[str, str] | None = None,
    *,
    ca_file: Path | None = None,
    secrets_dir: Path | None = None,
    sign_in: SignIn | None = None,
) -> AsyncGenerator[OpenHouse]:
    """Everything that services need, on this database; `owner` is there, nothing else."""
    engine, clock, variables = NoEngine(), Clock(), dict(environment or {})
    async with open_database(url, data=data) as database:
        await migrate(database)
        vault = await open_vault(database, data)
        operator = await first_start(database)
        terms = Terms(
            journal_root=data / "journal",
            bounds=Bounds,
            environment=variables,
            ca_file=ca_file,
            secrets_dir=secrets_dir,
        )
        async with open_gateway(database, vault, providers(), engine, _nobody, terms) as gateway:
            house = House(
                database=database,
                vault=vault,
                providers=providers(),
                catalog=catalog(),
                credentials=gateway.credentials,
                lines=gateway.desk.lines,
                desk=gateway.desk,
                lookout=gateway.lookout,
                upstream=gateway.desk.upstream,
                engine=engine,
                data=data,
                operator=operator,
                operator_token=TOKEN,
                sign_in=sign_in or SignIn(),
                vitals=lambda: Vitals("0.0.0", datetime(2026, 1, 1, tzinfo=UTC), "os", gateway.parts(), 0),
                settings=lambda: (Setting("port", 8400, "default", "MODELHALL_PORT"),),
                catch_up=gateway.housekeeping.fold,
                clock=clock,
                passwords=Passwords(CHEAP),
            )
            yield OpenHouse(house, gateway, engine, clock, variables)


def as_key(actor: Actor, key_id: str, *, plain: bool) -> Actor:
    """The same member, acting by a key."""
    return replace(actor, via="key", key_id=key_id, plain=plain)


def _nobody(_token: str) -> Actor | None:
    return None
