"""The audit: who changed what, before and after, without secrets; each organisation's rows chained by hash."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import NIL, new_id
from modelhall.domain.people import Actor
from modelhall.storage.audit_heads import Head, Sign, write_head
from modelhall.storage.redaction import Plain, without_secrets
from modelhall.storage.tables.system import audit

FIRST = "0" * 64
COLUMNS = tuple(column.name for column in audit.columns)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change, as it was written down in the transaction that made it."""

    id: str
    organisation_id: str
    sequence: int
    at: datetime
    actor: str
    """By what door: `operator`, `link`, `session`, `system`, or `key:` and the key's id."""
    actor_id: str | None
    """The member."""
    action: str
    object_kind: str
    object_id: str
    object_name: str
    before: Mapping[str, Plain] | None
    after: Mapping[str, Plain] | None
    previous_hash: str
    hash: str = ""

    def own_hash(self) -> str:
        """SHA-256 over everything but the id and the hash itself, as canonical JSON (sorted keys, no spaces, UTF-8)."""
        told = {
            "organisation_id": self.organisation_id,
            "sequence": self.sequence,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "actor_id": self.actor_id,
            "action": self.action,
            "object_kind": self.object_kind,
            "object_id": self.object_id,
            "object_name": self.object_name,
            "before": self.before,
            "after": self.after,
            "previous_hash": self.previous_hash,
        }
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to which object; `before` and `after` hold the fields that matter."""

    action: str
    object_kind: str
    object_id: str
    object_name: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


async def append_audit(
    connection: AsyncConnection, actor: Actor, deed: Deed, sign: Sign, organisation_id: str | None = None
) -> AuditRow:
    """Write one row at the end of the organisation's chain (the actor's, unless another is given), and the new end.

    The caller's transaction must hold the change number's row: that is what keeps two changes from taking one place.
    """
    organisation_id = organisation_id or actor.organisation_id
    last = (
        await connection.execute(
            sa.select(audit.c.sequence, audit.c.hash)
            .where(audit.c.organisation_id == organisation_id)
            .order_by(audit.c.sequence.desc())
            .limit(1)
        )
    ).first()
    row = AuditRow(
        id=new_id(),
        organisation_id=organisation_id,
        sequence=last.sequence + 1 if last else 1,
        at=datetime.now(UTC),
        actor=f"key:{actor.key_id}" if actor.key_id else actor.via,
        actor_id=None if actor.member_id in {"", NIL} else actor.member_id,
        action=deed.action,
        object_kind=deed.object_kind,
        object_id=deed.object_id,
        object_name=deed.object_name,
        before=without_secrets(deed.before),
        after=without_secrets(deed.after),
        previous_hash=last.hash if last else FIRST,
    )
    row = replace(row, hash=row.own_hash())
    await connection.execute(audit.insert().values({column: getattr(row, column) for column in COLUMNS}))
    await write_head(connection, Head(organisation_id, row.sequence, row.hash), sign)
    return row


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are wanted; what is `None` is not asked."""

    kind: str | None = None
    object_id: str | None = None
    action: str | None = None
    """In full (`model.edit`), or what stands before the dot."""
    actor: str | None = None
    """The door, such as `operator` or `key:ID`."""
    actor_id: str | None = None
    """The member."""
    since: datetime | None = None
    until: datetime | None = None
    """Before that time."""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """As the database asks for it."""
        asked: list[sa.ColumnElement[bool] | None] = [
            None if self.kind is None else audit.c.object_kind == self.kind,
            None if self.object_id is None else audit.c.object_id == self.object_id,
            None if self.action is None else self._is_action(self.action),
            None if self.actor is None else audit.c.actor == self.actor,
            None if self.actor_id is None else audit.c.actor_id == self.actor_id,
            None if self.since is None else audit.c.at >= self.since,
            None if self.until is None else audit.c.at < self.until,
        ]
        return [each for each in asked if each is not None]

    def _is_action(self, action: str) -> sa.ColumnElement[bool]:
        return (audit.c.action == action) | audit.c.action.startswith(f"{action}.", autoescape=True)


EVERYTHING = AuditFilter()


async def list_audit(
    connection: AsyncConnection,
    organisation_id: str,
    wanted: AuditFilter = EVERYTHING,
    *,
    before_sequence: int | None = None,
    limit: int = 100,
) -> Sequence[AuditRow]:
    """The newest rows first, those before a sequence number."""
    query = sa.select(audit).where(audit.c.organisation_id == organisation_id, *wanted.conditions())
    if before_sequence is not None:
        query = query.where(audit.c.sequence < before_sequence)
    found = await connection.execute(query.order_by(audit.c.sequence.desc()).limit(limit))
    return [row_of({**values}) for values in found.mappings()]


async def read_audit(
    connection: AsyncConnection, organisation_id: str, wanted: AuditFilter, *, after_sequence: int, limit: int
) -> Sequence[AuditRow]:
    """The oldest rows first, those after a sequence number."""
    query = sa.select(audit).where(audit.c.organisation_id == organisation_id, *wanted.conditions())
    query = query.where(audit.c.sequence > after_sequence).order_by(audit.c.sequence).limit(limit)
    return [row_of({**values}) for values in (await connection.execute(query)).mappings()]


async def get_audit(connection: AsyncConnection, organisation_id: str, row_id: str) -> AuditRow | None:
    """One row of the organisation."""
    query = sa.select(audit).where(audit.c.organisation_id == organisation_id, audit.c.id == row_id)
    found = (await connection.execute(query)).mappings().first()
    return None if found is None else row_of({**found})


def row_of(values: Mapping[Any, Any]) -> AuditRow:
    """From a row of the table."""
    return AuditRow(**values)
