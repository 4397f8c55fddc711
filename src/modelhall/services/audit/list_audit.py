"""Lists and exports who changed what."""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from modelhall.domain.ids import is_id
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.rights import require
from modelhall.services.words import number_cursor, wrong
from modelhall.storage import audit, members
from modelhall.storage.audit import AuditFilter, AuditRow

PIECE = 500
FIELDS = (
    "sequence", "at", "actor", "actor_id", "action", "kind", "object_id", "name", "before", "after",
    "previous_hash", "hash",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are asked for."""

    kind: str | None = None
    object_id: str | None = None
    action: str | None = None
    actor: str | None = None
    """A login, a member's id, or the door: `operator`, `sign-in`, `key:ID`…"""
    since: datetime | None = None
    until: datetime | None = None


async def list_audit(
    house: House, actor: Actor, wanted: Wanted, *, after: str | None = None, limit: int = USUAL
) -> Page[AuditRow]:
    """A page of the organisation's audit, the newest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        found = await audit.list_audit(
            connection,
            actor.organisation_id,
            await _filter(connection, actor, wanted),
            before_sequence=number_cursor(after),
            limit=limit + 1,
        )
    return page_of(found, limit, lambda row: str(row.sequence))


async def export_audit(
    house: House, actor: Actor, wanted: Wanted, form: Literal["ndjson", "csv"]
) -> AsyncIterator[bytes]:
    """All that is wanted, the oldest first, piece by piece: no transaction waits for a slow reader.

    Raises RoleTooLow, BadRequest before the first piece.
    """
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        asked = await _filter(connection, actor, wanted)
    return _pieces(house, actor, asked, form)


async def _pieces(
    house: House, actor: Actor, asked: AuditFilter, form: Literal["ndjson", "csv"]
) -> AsyncIterator[bytes]:
    if form == "csv":
        yield _cells(FIELDS)
    after, rows = 0, [None]
    while rows:
        async with house.database.read() as connection:
            rows = await audit.read_audit(connection, actor.organisation_id, asked, after_sequence=after, limit=PIECE)
        if rows:
            after = rows[-1].sequence
            line = _line if form == "ndjson" else _row
            yield b"".join(line(told_of(row)) for row in rows)


def told_of(row: AuditRow) -> Mapping[str, object]:
    """A change by the names of FIELDS."""
    return {
        "sequence": row.sequence,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "actor": row.actor,
        "actor_id": row.actor_id,
        "action": row.action,
        "kind": row.object_kind,
        "object_id": row.object_id,
        "name": row.object_name,
        "before": row.before,
        "after": row.after,
        "previous_hash": row.previous_hash,
        "hash": row.hash,
    }


def _line(told: Mapping[str, object]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _row(told: Mapping[str, object]) -> bytes:
    return _cells([_cell(told[name]) for name in FIELDS])


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA) else text


def _cells(cells: tuple[str, ...] | list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


async def _filter(connection: Connection, actor: Actor, wanted: Wanted) -> AuditFilter:
    for name, moment in (("since", wanted.since), ("until", wanted.until)):
        if moment is not None and moment.tzinfo is None:
            raise wrong(name, "the time needs a zone, such as 2027-01-31T12:00:00Z")
    asked = AuditFilter(wanted.kind, wanted.object_id, wanted.action, since=wanted.since, until=wanted.until)
    if wanted.actor is None:
        return asked
    if is_id(wanted.actor):
        return replace(asked, actor_id=wanted.actor)
    member = await members.member_by_login(connection, actor.organisation_id, wanted.actor)
    return replace(asked, actor=wanted.actor) if member is None else replace(asked, actor_id=member.id)
