"""Keys by which programs act, each with its hard total if it has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.money import Nanodollars
from modelhall.domain.people import Key, Role
from modelhall.storage.policies import policy_in, policy_out
from modelhall.storage.rows import PAGE, Row, after_id, must_hit_one, now
from modelhall.storage.tables.money import budget_windows, budgets
from modelhall.storage.tables.people import keys

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""A total has one window, which starts here and never ends."""

_TOTAL = (budgets.c.scope == "key") & (budgets.c.period == "total") & budgets.c.deleted_at.is_(None)
LIVING = (
    sa.select(keys, budgets.c.limit_nano)
    .outerjoin_from(keys, budgets, (budgets.c.scope_id == keys.c.id) & _TOTAL)
    .where(keys.c.deleted_at.is_(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDraft:
    """What a new key is to be; the key itself never comes here, only its digest."""

    organisation_id: str
    member_id: str
    name: str
    digest: bytes
    shown: str
    project_id: str | None = None
    role: Role | None = None
    models: tuple[str, ...] | None = None
    default_model_id: str | None = None
    expires_at: datetime | None = None
    budget_limit: Nanodollars | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """How a key's hard total stands, in nano-dollars."""

    limit: int
    spent: int
    held: int


async def insert_key(connection: AsyncConnection, draft: KeyDraft) -> Key:
    """A new key, with its budget when it has a limit. The transaction's end raises AlreadyExists for a taken name."""
    key_id, made = new_id(), now()
    await connection.execute(
        keys.insert().values(
            id=key_id,
            organisation_id=draft.organisation_id,
            project_id=draft.project_id,
            member_id=draft.member_id,
            name=draft.name,
            digest=draft.digest,
            shown=draft.shown,
            role=None if draft.role is None else draft.role.word,
            models=None if draft.models is None else list(draft.models),
            default_model_id=draft.default_model_id,
            created_at=made,
            expires_at=draft.expires_at,
        )
    )
    if draft.budget_limit is not None:
        await _insert_total(connection, draft.organisation_id, key_id, draft.budget_limit, made)
    return Key(
        id=key_id,
        organisation_id=draft.organisation_id,
        project_id=draft.project_id,
        member_id=draft.member_id,
        name=draft.name,
        digest=draft.digest,
        shown=draft.shown,
        role=draft.role,
        models=draft.models,
        default_model_id=draft.default_model_id,
        created_at=made,
        expires_at=draft.expires_at,
        budget_limit=draft.budget_limit,
    )


async def get_key(connection: AsyncConnection, key_id: str) -> Key | None:
    """The living key of that id."""
    return await _one(connection, keys.c.id == key_id)


async def key_by_name(connection: AsyncConnection, organisation_id: str, name: str) -> Key | None:
    """The organisation's living key of that name."""
    return await _one(connection, (keys.c.organisation_id == organisation_id) & (keys.c.name == name))


async def key_by_digest(connection: AsyncConnection, digest: bytes) -> Key | None:
    """The living key with that digest, expired or not."""
    return await _one(connection, keys.c.digest == digest)


async def list_keys(
    connection: AsyncConnection,
    organisation_id: str,
    *,
    member_id: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> Sequence[Key]:
    """A page of the organisation's living keys, the oldest first; of one member if asked."""
    theirs = LIVING.where(keys.c.organisation_id == organisation_id)
    if member_id is not None:
        theirs = theirs.where(keys.c.member_id == member_id)
    return [key_of(row) for row in await connection.execute(after_id(theirs, keys.c.id, after, limit))]


async def count_keys(connection: AsyncConnection, organisation_id: str) -> int:
    """How many living keys the organisation has."""
    theirs = (keys.c.organisation_id == organisation_id) & keys.c.deleted_at.is_(None)
    return (await connection.execute(sa.select(sa.func.count()).select_from(keys).where(theirs))).scalar_one()


async def count_by_project(connection: AsyncConnection, project_ids: Sequence[str]) -> Mapping[str, int]:
    """How many living keys these projects have; those without any are not there."""
    theirs = keys.c.project_id.in_(project_ids) & keys.c.deleted_at.is_(None)
    query = sa.select(keys.c.project_id, sa.func.count()).where(theirs).group_by(keys.c.project_id)
    return {project_id: count for project_id, count in await connection.execute(query)}


async def names_in_project(connection: AsyncConnection, project_id: str) -> Sequence[str]:
    """The names of a project's living keys."""
    theirs = sa.select(keys.c.name).where(keys.c.project_id == project_id, keys.c.deleted_at.is_(None))
    return list((await connection.execute(theirs.order_by(keys.c.name))).scalars())


async def key_names(connection: AsyncConnection, key_ids: Sequence[str]) -> Mapping[str, str]:
    """The names of keys by their ids, of deleted ones too."""
    rows = await connection.execute(sa.select(keys.c.id, keys.c.name).where(keys.c.id.in_(key_ids)))
    return {key_id: name for key_id, name in rows}


async def totals(connection: AsyncConnection, key_ids: Sequence[str]) -> Mapping[str, Total]:
    """How the hard totals of these keys stand, by key id; keys without one are not there."""
    windows = budget_windows.c
    query = (
        sa.select(budgets.c.scope_id, windows.limit_nano, windows.spent, windows.held)
        .join_from(budgets, budget_windows)
        .where(budgets.c.scope_id.in_(key_ids), _TOTAL)
    )
    return {row.scope_id: Total(row.limit_nano, row.spent, row.held) for row in await connection.execute(query)}


async def update_key(connection: AsyncConnection, key: Key) -> None:
    """Write what may change of a key: all but id, owner, digest, and what is shown of it. Raises NotFound."""
    change = sa.update(keys).where(keys.c.id == key.id, keys.c.deleted_at.is_(None))
    values = {
        "name": key.name,
        "role": None if key.role is None else key.role.word,
        "models": None if key.models is None else list(key.models),
        "project_id": key.project_id,
        "default_model_id": key.default_model_id,
        "expires_at": key.expires_at,
        "policy": policy_out(key.policy),
    }
    await must_hit_one(connection, change.values(values), "key")
    await _set_total(connection, key)


async def delete_key(connection: AsyncConnection, key_id: str) -> None:
    """Delete the key and its budget; the rows stay for the ledger's sake. Raises NotFound."""
    gone = now()
    change = sa.update(keys).where(keys.c.id == key_id, keys.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=gone), "key")
    await connection.execute(sa.update(budgets).where(budgets.c.scope_id == key_id, _TOTAL).values(deleted_at=gone))


async def delete_keys_of(connection: AsyncConnection, member_id: str) -> int:
    """Delete all keys of a member with their budgets; gives how many."""
    gone, theirs = now(), (keys.c.member_id == member_id) & keys.c.deleted_at.is_(None)
    ids = list((await connection.execute(sa.select(keys.c.id).where(theirs))).scalars())
    await connection.execute(sa.update(keys).where(keys.c.id.in_(ids)).values(deleted_at=gone))
    await connection.execute(sa.update(budgets).where(budgets.c.scope_id.in_(ids), _TOTAL).values(deleted_at=gone))
    return len(ids)


def key_of(row: Row) -> Key:
    """From a row of LIVING."""
    return Key(
        id=row.id,
        organisation_id=row.organisation_id,
        project_id=row.project_id,
        member_id=row.member_id,
        name=row.name,
        digest=row.digest,
        shown=row.shown,
        role=None if row.role is None else Role.named(row.role),
        models=None if row.models is None else tuple(row.models),
        default_model_id=row.default_model_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        budget_limit=row.limit_nano,
        policy=policy_in(row.policy),
    )


async def _insert_total(
    connection: AsyncConnection, organisation_id: str, key_id: str, limit: Nanodollars, made: datetime
) -> None:
    budget_id = new_id()
    await connection.execute(
        budgets.insert().values(
            id=budget_id,
            organisation_id=organisation_id,
            scope="key",
            scope_id=key_id,
            period="total",
            zone="UTC",
            limit_nano=limit,
            hard_pct=100,
            soft_pct=[],
            created_at=made,
        )
    )
    window = {"id": new_id(), "budget_id": budget_id, "starts_at": BEGINNING, "ends_at": None}
    await connection.execute(budget_windows.insert().values(**window, limit_nano=limit, spent=0, held=0))


async def _set_total(connection: AsyncConnection, key: Key) -> None:
    """Raise, lower, add or take away the key's hard total; what was spent stays counted."""
    theirs = (await connection.execute(sa.select(budgets.c.id).where(budgets.c.scope_id == key.id, _TOTAL))).scalar()
    if theirs is None and key.budget_limit is not None:
        await _insert_total(connection, key.organisation_id, key.id, Nanodollars(key.budget_limit), now())
    elif theirs is not None and key.budget_limit is None:
        await connection.execute(sa.update(budgets).where(budgets.c.id == theirs).values(deleted_at=now()))
    elif theirs is not None:
        limit = {"limit_nano": key.budget_limit}
        await connection.execute(sa.update(budgets).where(budgets.c.id == theirs).values(limit))
        await connection.execute(sa.update(budget_windows).where(budget_windows.c.budget_id == theirs).values(limit))


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Key | None:
    row = (await connection.execute(LIVING.where(condition))).one_or_none()
    return None if row is None else key_of(row)
