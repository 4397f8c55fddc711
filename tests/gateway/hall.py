"""A small hall for the data plane's tests: a real database, a real server on loopback, a scripted provider."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
from starlette.applications import Starlette

from modelhall.dialects import anthropic_count_tokens, anthropic_messages, openai_chat, openai_embeddings
from modelhall.domain.errors import EngineFailed
from modelhall.domain.ids import new_id
from modelhall.domain.library import Model
from modelhall.domain.money import parse_usd
from modelhall.domain.people import Actor, Member, Organisation, Role
from modelhall.domain.prices import Passport, PriceSheet, Rate
from modelhall.domain.virtual_keys import new_key, shown
from modelhall.gateway.desk import Bounds
from modelhall.gateway.doors.form import Limits
from modelhall.gateway.doors.model_door import ModelDoor
from modelhall.gateway.doors.operations import operations_routes
from modelhall.gateway.doors.routes import model_doors, model_routes
from modelhall.gateway.doors.server import Doorkeeper
from modelhall.gateway.engine import EngineAddress
from modelhall.gateway.opening import Gateway, Terms, open_gateway
from modelhall.providers.provider import Provider
from modelhall.storage import aliases, keys, members, models, organisations, prices, profiles
from modelhall.storage.database import Database, open_database
from modelhall.storage.keys import KeyDraft
from modelhall.storage.migrate import migrate
from modelhall.storage.profiles import ProfileDraft, SecretDraft
from modelhall.storage.vault import Vault, open_vault
from tests.gateway.upstream import ScriptedProvider, scripted

PROVIDER = Provider(
    name="scripted",
    title="Scripted",
    origin=None,
    speaks={openai_chat: "/v1", openai_embeddings: "/v1", anthropic_messages: "/v1", anthropic_count_tokens: "/v1"},
    key_optional=True,
    passes_headers=("anthropic-beta",),
)


CLAUDE_ONLY = replace(PROVIDER, name="claude-only", speaks={anthropic_messages: "/v1"})
GPT_ONLY = replace(PROVIDER, name="gpt-only", speaks={openai_chat: "/v1"})
IN_FULL = replace(PROVIDER, name="in-full", on_disconnect="drain")
PROVIDERS = {each.name: each for each in (PROVIDER, CLAUDE_ONLY, GPT_ONLY, IN_FULL)}


class NoEngine:
    """There is no built-in model in these tests."""

    def address(self) -> EngineAddress:
        raise EngineFailed("no engine here")


@dataclass(slots=True)
class Answer:
    """What a client of the hall got."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@dataclass(slots=True)
class Hall:
    """The running hall, with the verbs that tests need."""

    address: str
    database: Database
    vault: Vault
    gateway: Gateway
    provider: ScriptedProvider
    organisation: Organisation
    owner: Member
    client: aiohttp.ClientSession
    profiles: Mapping[str, str]
    """Ids by slug: `mock` speaks everything, `claude` and `gpt` one dialect only, `full` bills streams in full."""
    bounds: list[Bounds]
    """The one in force; a test may put another in its place."""
    limits: list[Limits] = field(default_factory=lambda: [Limits()])
    """Those of new connections; a test may put others in their place."""
    app: Any = None
    doors: Mapping[str, ModelDoor] = field(default_factory=dict[str, ModelDoor])
    """The application and its model doors, for a second server with or without the fast lane."""

    async def call(self, path: str, body: Mapping[str, Any] | bytes, key: str, **headers: str) -> Answer:
        """One whole answer, streamed or not."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        carried = {"authorization": f"Bearer {key}"} if key else {}
        async with self.client.post(self.address + path, data=sent, headers=carried | headers) as response:
            return Answer(response.status, _lower(response.headers), await response.read())

    async def get(self, path: str, key: str = "", **headers: str) -> Answer:
        """One answer to a GET."""
        carried = {"authorization": f"Bearer {key}"} if key else {}
        async with self.client.get(self.address + path, headers=carried | headers) as response:
            return Answer(response.status, _lower(response.headers), await response.read())

    async def key(self, budget: str | None = None, **more: Any) -> str:
        """A fresh key, with a hard budget in US dollars if one is named."""
        key = new_key()
        draft = KeyDraft(
            organisation_id=self.organisation.id,
            member_id=self.owner.id,
            name=f"key-{new_id()}",
            digest=self.vault.digest(key),
            shown=shown(key),
            budget_limit=None if budget is None else parse_usd(budget),
            **more,
        )
        async with self.database.change(self.actor) as change:
            made = await keys.insert_key(change.connection, draft)
            await change.audit("key.create", "key", made.id, made.name)
        return key

    async def model(
        self, model_id: str, rates: Mapping[str, str] | None = None, *, profile: str = "mock", **more: Any
    ) -> Model:
        """A synced, active model of the scripted provider, with rates in US dollars per million tokens."""
        made = datetime.now(UTC)
        model = Model(
            **{
                "id": new_id(),
                "number": 0,
                "organisation_id": self.organisation.id,
                "profile_id": self.profiles[profile],
                "profile": profile,
                "provider": PROVIDER.name,
                "model_id": model_id,
                "name": model_id,
                "maker": None,
                "kind": "chat",
                "context_window": 100_000,
                "max_input": None,
                "max_output": 1_000,
                "knowledge_cutoff": None,
                "retires_on": None,
                "capabilities": {},
                "modalities": {},
                "sources": {},
                "parameters": {},
                "custom": False,
                "active": True,
                "hidden": False,
                "quarantined_because": None,
                "successor_id": None,
                "notes": None,
                "revision": 1,
                "created_at": made,
                "updated_at": made,
            }
            | more
        )
        async with self.database.change(self.actor) as change:
            await models.insert_models(change.connection, [model])
            if rates:
                sheet = PriceSheet(
                    id=new_id(),
                    valid_from=datetime(2020, 1, 1, tzinfo=UTC),
                    rates=tuple(Rate(name, Decimal(price)) for name, price in rates.items()),
                    passport=Passport(unit="per_mtok", source="test", as_of="2026-01-01"),
                )
                await prices.append_sheet(
                    change.connection, sheet, organisation_id=self.organisation.id, model_id=model.id
                )
            await change.audit("model.sync", "model", model.id, model.public_name)
        return model

    async def provider_key(self, text: str, profile: str = "mock") -> str:
        """One more key of a profile; gives its id."""
        draft = SecretDraft(
            id=(secret_id := new_id()),
            sealed=self.vault.seal_provider_key(secret_id, self.provider.address, text),
            shown=text,
            address=self.provider.address,
        )
        async with self.database.change(self.actor) as change:
            await profiles.insert_secret(change.connection, self.profiles[profile], draft)
            await change.audit("profile.key_add", "profile", self.profiles[profile], profile)
        return secret_id

    async def alias(self, name: str, *targets: Model, ceiling: str | None = None) -> None:
        """An alias for models of this hall, the preferred first."""
        async with self.database.change(self.actor) as change:
            made = await aliases.insert_alias(
                change.connection,
                organisation_id=self.organisation.id,
                name=name,
                model_ids=[target.id for target in targets],
                ceiling_usd_per_mtok=None if ceiling is None else Decimal(ceiling),
            )
            await change.audit("alias.set", "alias", made.id, name)

    async def default(self, model: Model) -> None:
        """Make it the organisation's default."""
        async with self.database.change(self.actor) as change:
            changed = replace(self.organisation, default_model_id=model.id)
            await organisations.update_organisation(change.connection, changed)
            await change.audit("model.set_default", "organisation", changed.id, changed.slug)

    @property
    def actor(self) -> Actor:
        return Actor(self.organisation.id, self.owner.id, Role.ADMIN, "system")

    async def settled(self) -> None:
        """Returns when everything that was settled is in the database."""
        await self.gateway.housekeeping.fold()


@asynccontextmanager
async def open_hall(database_url: str, folder: Path, bounds: Bounds | None = None) -> AsyncGenerator[Hall]:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(database_url, data=folder))
        await migrate(database)
        vault = await open_vault(database, folder)
        provider = await stack.enter_async_context(scripted())
        async with database.write() as connection:
            organisation = await organisations.insert_organisation(connection, slug="default", name="Default")
            account = await members.insert_account(connection, login="owner", name="Owner")
            owner = await members.insert_member(
                connection, organisation_id=organisation.id, account=account, role=Role.ADMIN
            )
            made = [
                await profiles.insert_profile(
                    connection,
                    ProfileDraft(
                        organisation_id=organisation.id,
                        slug=slug,
                        provider=kind.name,
                        name=slug,
                        base_url=provider.address,
                        allow_private=True,
                    ),
                )
                for slug, kind in (
                    ("mock", PROVIDER),
                    ("claude", CLAUDE_ONLY),
                    ("gpt", GPT_ONLY),
                    ("full", IN_FULL),
                )
            ]
        in_force = [bounds or Bounds()]
        terms = Terms(folder / "journal", lambda: in_force[0], {})
        gateway = await stack.enter_async_context(
            open_gateway(database, vault, PROVIDERS, NoEngine(), lambda _: None, terms)
        )
        limits = [Limits()]
        doors = model_doors(gateway.desk)
        operations = operations_routes(gateway.desk, gateway.parts, gateway.counted)
        app = Starlette(routes=[*operations, *model_routes(gateway.desk, doors)])
        address = await stack.enter_async_context(serving(app, lambda: limits[0], doors))
        client = await stack.enter_async_context(aiohttp.ClientSession())
        hall = Hall(
            address,
            database,
            vault,
            gateway,
            provider,
            organisation,
            owner,
            client,
            {each.slug: each.id for each in made},
            in_force,
            limits,
            app,
            doors,
        )
        yield hall


@asynccontextmanager
async def serving(
    app: Any, limits: Callable[[], Limits] = Limits, doors: Mapping[str, ModelDoor] | None = None
) -> AsyncGenerator[str]:
    """The application behind a real server on a free port of loopback, with a fast lane to these doors."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # uvloop does that, asyncio does not
    keeper = Doorkeeper(limits, doors)
    config = uvicorn.Config(
        app,
        http=keeper,  # pyright: ignore[reportArgumentType] - uvicorn only calls it
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await task
