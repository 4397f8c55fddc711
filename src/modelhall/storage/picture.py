"""One consistent picture of everything that calls are served from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import NIL
from modelhall.domain.library import Alias, Model, Profile
from modelhall.domain.people import Key, Member, Organisation, Project
from modelhall.domain.prices import PriceSheet
from modelhall.storage import aliases, keys, members, models, organisations, prices, profiles, projects
from modelhall.storage.database import Database
from modelhall.storage.redaction import Plain
from modelhall.storage.rows import Query, Row, now
from modelhall.storage.tables import money, system
from modelhall.storage.vault import read_stored

MODEL_PARAMETERS, PREFERRED_MODEL = "model_parameters", "preferred_model"
"""The names under which a member's own values for parameters, and the name of a model that the library does not have
yet, are kept among the settings."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window of a budget that is not over."""

    id: str
    budget_id: str
    scope: str
    """`key`, `project`, `member` or `organisation`."""
    scope_id: str
    starts_at: datetime
    ends_at: datetime | None
    limit_nano: int
    hard_pct: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The control plane as of one change number; only what lives."""

    number: int
    key_version: int
    """Of the master key that everything is sealed with; 0 when there is none yet."""
    claimed: bool
    """Whether some admin has a password or has signed in."""
    organisations: tuple[Organisation, ...]
    members: tuple[Member, ...]
    """Those who may act: neither removed nor disabled."""
    keys: tuple[Key, ...]
    projects: tuple[Project, ...]
    profiles: tuple[Profile, ...]
    models: tuple[Model, ...]
    aliases: tuple[Alias, ...]
    prices: Mapping[str, tuple[PriceSheet, ...]]
    """By model id: the sheet in force, then those to come."""
    windows: Mapping[str, Window]
    """By window id."""
    key_windows: Mapping[str, tuple[str, ...]]
    """Window ids of a key's own budgets, by key id."""
    settings: Mapping[str, Mapping[str, Plain]]
    """An organisation's settings by name, by organisation id."""
    member_settings: Mapping[str, Mapping[str, Plain]]
    """What members prefer for their calls, by member id."""


async def take_picture(database: Database) -> Picture:
    """Read the picture in a transaction of its own. Raises DatabaseUnavailable."""
    async with database.read() as connection:
        return await read_picture(connection)


async def read_picture(connection: AsyncConnection) -> Picture:
    """All of it, from one `read` transaction."""
    at = now()
    kept = profiles.by_profile(await _all(connection, profiles.LIVING_SECRETS))
    targets = aliases.by_alias(await _all(connection, aliases.TARGETS))
    windows = await _windows(connection, at)
    stored = await read_stored(connection)
    return Picture(
        number=(await connection.execute(sa.select(system.changes.c.number))).scalar_one(),
        key_version=0 if stored is None else stored.version,
        claimed=await members.is_claimed(connection),
        organisations=tuple(
            organisations.organisation_of(row) for row in await _all(connection, sa.select(*organisations.COLUMNS))
        ),
        members=tuple(members.member_of(row) for row in await _all(connection, members.MEMBERS.where(members.ACTING))),
        keys=tuple(keys.key_of(row) for row in await _all(connection, keys.LIVING)),
        projects=tuple(projects.project_of(row) for row in await _all(connection, projects.LIVING)),
        profiles=tuple(
            profiles.profile_of(row, kept.get(row.id, ())) for row in await _all(connection, profiles.LIVING)
        ),
        models=tuple(models.model_of(row) for row in await _all(connection, models.LIVING)),
        aliases=tuple(aliases.alias_of(row, targets) for row in await _all(connection, aliases.LIVING)),
        prices=await prices.current_sheets(connection, at),
        windows=windows,
        key_windows=_by_key(windows),
        settings=await _settings(connection),
        member_settings=await _member_settings(connection),
    )


async def _all(connection: AsyncConnection, query: Query) -> list[Row]:
    return list((await connection.execute(query)).all())


async def _windows(connection: AsyncConnection, at: datetime) -> dict[str, Window]:
    windows, budgets = money.budget_windows.c, money.budgets.c
    query = (
        sa.select(money.budget_windows, budgets.scope, budgets.scope_id, budgets.hard_pct)
        .join_from(money.budget_windows, money.budgets)
        .where(budgets.deleted_at.is_(None), windows.ends_at.is_(None) | (windows.ends_at > at))
        .order_by(windows.id)
    )
    return {
        row.id: Window(
            id=row.id,
            budget_id=row.budget_id,
            scope=row.scope,
            scope_id=row.scope_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            limit_nano=row.limit_nano,
            hard_pct=row.hard_pct,
        )
        for row in await _all(connection, query)
    }


def _by_key(windows: Mapping[str, Window]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for window in windows.values():
        if window.scope == "key":
            found[window.scope_id] = (*found.get(window.scope_id, ()), window.id)
    return found


async def _member_settings(connection: AsyncConnection) -> dict[str, dict[str, Plain]]:
    stored, found = system.settings.c, dict[str, dict[str, Plain]]()
    theirs = sa.select(system.settings).where(
        stored.name.in_((MODEL_PARAMETERS, PREFERRED_MODEL)), stored.member_id != NIL
    )
    for row in await _all(connection, theirs):
        found.setdefault(row.member_id, {})[row.name] = row.value
    return found


async def _settings(connection: AsyncConnection) -> dict[str, dict[str, Plain]]:
    found: dict[str, dict[str, Plain]] = {}
    for row in await _all(connection, sa.select(system.settings).where(system.settings.c.member_id == NIL)):
        found.setdefault(row.organisation_id, {})[row.name] = row.value
    return found
