"""The lists of models that providers gave, kept so that nobody has to wait for a provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.library import Profile
from modelhall.storage.rows import PAGE, Row, upsert
from modelhall.storage.tables.discovery import known_lists, list_changes
from modelhall.storage.tables.library import profiles

Kind = Literal["new", "changed", "gone"]
CHANGES_KEPT = timedelta(days=90)
_STATE = tuple(column for column in known_lists.c if column.name != "models")


@dataclass(frozen=True, slots=True)
class KnownList:
    """What is known of one profile's list, without the models themselves."""

    profile_id: str
    profile: str
    """The profile's slug."""
    version: int
    """Another number when the list is another one; 0 before the first."""
    tried_at: datetime | None
    listed_at: datetime | None
    """When the list that is kept was given; `None`: there was no good one yet."""
    due_at: datetime
    failures: int
    """How often in a row asking failed since the last good list."""
    error_code: str | None
    error: str | None
    entries: int
    left_out: Mapping[str, int]
    """How many entries could not be taken, by reason."""
    changed: Mapping[str, int]
    """What the last good list changed: how many models are new, changed and gone."""


@dataclass(frozen=True, slots=True)
class NewList:
    """A list that was just given."""

    models: bytes
    """Packed by whoever asked."""
    entries: int
    left_out: Mapping[str, int]
    changed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one model between two lists: its facts before and after, of a changed one those that differ."""

    model_id: str
    kind: Kind
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ListChange:
    """A difference, and when and where it was seen."""

    id: str
    profile: str
    """The profile's slug."""
    at: datetime
    difference: Difference


async def read_lists(connection: AsyncConnection, organisation_id: str) -> list[KnownList]:
    """The state of every living profile's list that was ever asked for, by slug."""
    query = _STATES.where(known_lists.c.organisation_id == organisation_id).order_by(profiles.c.slug)
    return [_known(row) for row in await connection.execute(query)]


async def read_list(connection: AsyncConnection, profile_id: str) -> KnownList | None:
    """The state of one profile's list."""
    row = (await connection.execute(_STATES.where(known_lists.c.profile_id == profile_id))).one_or_none()
    return None if row is None else _known(row)


async def read_versions(connection: AsyncConnection, organisation_id: str) -> dict[str, int]:
    """The version of each living profile's list, by profile id."""
    query = (
        sa.select(known_lists.c.profile_id, known_lists.c.version)
        .join_from(known_lists, profiles)
        .where(known_lists.c.organisation_id == organisation_id, profiles.c.deleted_at.is_(None))
    )
    return {row.profile_id: row.version for row in await connection.execute(query)}


async def read_models(connection: AsyncConnection, profile_id: str, *, for_update: bool = False) -> bytes | None:
    """The last good list as it was packed; `None`: there was none. `for_update` keeps others from replacing it."""
    query = sa.select(known_lists.c.models).where(known_lists.c.profile_id == profile_id)
    return (await connection.execute(query.with_for_update() if for_update else query)).scalar()


async def due_profiles(connection: AsyncConnection, at: datetime) -> list[str]:
    """The ids of profiles in use whose list is due: never asked for, old, or of a profile that was changed since."""
    query = (
        sa.select(profiles.c.id)
        .outerjoin_from(profiles, known_lists, known_lists.c.profile_id == profiles.c.id)
        .where(profiles.c.deleted_at.is_(None), profiles.c.disabled_at.is_(None))
        .where(known_lists.c.due_at.is_(None) | (known_lists.c.due_at <= at) | _tried_before(profiles.c.updated_at))
        .order_by(profiles.c.id)
    )
    return list((await connection.execute(query)).scalars())


async def claim(connection: AsyncConnection, profile: Profile, at: datetime, until: datetime) -> bool:
    """Take the asking upon oneself from a time until another; False when another process did so first."""
    await connection.execute(_row(connection, profile.id, profile.organisation_id, due_at=at))
    due = (known_lists.c.due_at <= at) | _tried_before(profile.updated_at)
    take = sa.update(known_lists).where(known_lists.c.profile_id == profile.id, due)
    return (await connection.execute(take.values(due_at=until, tried_at=at))).rowcount == 1


async def keep_list(
    connection: AsyncConnection, profile: Profile, new: NewList, *, at: datetime, due_at: datetime
) -> None:
    """Replace the list; what went wrong before is over."""
    await connection.execute(_row(connection, profile.id, profile.organisation_id, due_at=due_at))
    values = {
        "version": known_lists.c.version + 1,
        "due_at": due_at,
        "tried_at": at,
        "listed_at": at,
        "failures": 0,
        "error_code": None,
        "error": None,
        "entries": new.entries,
        "left_out": dict(new.left_out),
        "changed": dict(new.changed),
        "models": new.models,
    }
    await connection.execute(sa.update(known_lists).where(known_lists.c.profile_id == profile.id).values(values))


async def keep_error(
    connection: AsyncConnection,
    profile: Profile,
    error: tuple[str, str],
    *,
    at: datetime,
    due_at: datetime,
) -> None:
    """Note why there is no newer list: code and words. The last good one stays."""
    await connection.execute(_row(connection, profile.id, profile.organisation_id, due_at=due_at))
    values = {
        "due_at": due_at,
        "tried_at": at,
        "failures": known_lists.c.failures + 1,
        "error_code": error[0],
        "error": error[1],
    }
    await connection.execute(sa.update(known_lists).where(known_lists.c.profile_id == profile.id).values(values))


async def append_changes(
    connection: AsyncConnection, profile: Profile, at: datetime, changes: Sequence[Difference]
) -> None:
    """Write down what changed, and forget what is older than is kept."""
    shared = {"organisation_id": profile.organisation_id, "profile_id": profile.id, "at": at}
    rows = [
        {
            **shared,
            "id": new_id(),
            "model_id": change.model_id,
            "kind": change.kind,
            "before": change.before and dict(change.before),
            "after": change.after and dict(change.after),
        }
        for change in changes
    ]
    if rows:
        await connection.execute(list_changes.insert(), rows)
    old = (list_changes.c.profile_id == profile.id) & (list_changes.c.at < at - CHANGES_KEPT)
    await connection.execute(sa.delete(list_changes).where(old))


async def read_changes(
    connection: AsyncConnection,
    organisation_id: str,
    *,
    profile_id: str | None = None,
    kind: str | None = None,
    before: str | None = None,
    limit: int = PAGE,
) -> list[ListChange]:
    """A page of what changed, the newest first."""
    query = (
        sa.select(list_changes, profiles.c.slug.label("profile"))
        .join_from(list_changes, profiles)
        .where(list_changes.c.organisation_id == organisation_id)
        .order_by(list_changes.c.id.desc())
        .limit(limit)
    )
    if profile_id is not None:
        query = query.where(list_changes.c.profile_id == profile_id)
    if kind is not None:
        query = query.where(list_changes.c.kind == kind)
    if before is not None:
        query = query.where(list_changes.c.id < before)
    return [
        ListChange(row.id, row.profile, row.at, Difference(row.model_id, row.kind, row.before, row.after))
        for row in await connection.execute(query)
    ]


_STATES = (
    sa.select(*_STATE, profiles.c.slug.label("profile"))
    .join_from(known_lists, profiles)
    .where(profiles.c.deleted_at.is_(None))
)


def _tried_before(changed_at: Any) -> sa.ColumnElement[bool]:
    return known_lists.c.tried_at < changed_at


def _row(connection: AsyncConnection, profile_id: str, organisation_id: str, *, due_at: datetime) -> sa.Insert:
    """Makes the row if there is none."""
    row: dict[str, object] = {"profile_id": profile_id, "organisation_id": organisation_id, "due_at": due_at}
    row |= {"version": 0, "failures": 0, "entries": 0, "left_out": {}, "changed": {}}
    return upsert(connection, known_lists).values(row).on_conflict_do_nothing()


def _known(row: Row) -> KnownList:
    return KnownList(
        profile_id=row.profile_id,
        profile=row.profile,
        version=row.version,
        tried_at=row.tried_at,
        listed_at=row.listed_at,
        due_at=row.due_at,
        failures=row.failures,
        error_code=row.error_code,
        error=row.error,
        entries=row.entries,
        left_out=row.left_out,
        changed=row.changed,
    )
