"""Checks an organisation's audit from its first row to its signed end, and names what was done to it."""

import hmac
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.audit import FIRST, AuditRow, row_of
from modelhall.storage.audit_heads import Head, Sign, get_head
from modelhall.storage.tables.system import audit

CHANGED, MISSING, MOVED = "changed", "missing", "moved"
CUT, INSERTED, REWRITTEN = "cut", "inserted", "rewritten"
FORGED, UNSIGNED, UNCHECKED = "forged_end", "unsigned_end", "unchecked_end"


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What a check found. `fault`: one of the words above, `None` when all is whole."""

    rows: int
    last_hash: str
    """Of the last row; keep it elsewhere with the number of rows, to have it compared later."""
    fault: str | None = None
    sequence: int | None = None
    """Of the row at which it shows."""


async def first_break(connection: AsyncConnection, organisation_id: str) -> int | None:
    """The sequence number at which the organisation's chain was changed, cut or reordered; `None` when it is whole."""
    return (await _walk(connection, organisation_id, None)).sequence


async def check_audit(
    connection: AsyncConnection, organisation_id: str, sign: Sign, noted: tuple[int, str] | None = None
) -> AuditCheck:
    """Every row's hash and place, and the signed end. `noted`: number and hash of a row, from elsewhere."""
    found = await _walk(connection, organisation_id, noted)
    if found.fault is not None:
        return found
    head = await get_head(connection, organisation_id)
    fault, sequence = _fault_of_end(found, head, sign)
    return AuditCheck(found.rows, found.last_hash, fault, sequence)


async def _walk(connection: AsyncConnection, organisation_id: str, noted: tuple[int, str] | None) -> AuditCheck:
    rows, previous = 0, FIRST
    query = sa.select(audit).where(audit.c.organisation_id == organisation_id).order_by(audit.c.sequence)
    async with connection.stream(query) as found:
        async for values in found.mappings():
            row = row_of({**values})
            fault = _fault_of(row, rows + 1, previous)
            if fault is None and noted is not None and row.sequence == noted[0] and row.hash != noted[1]:
                fault = REWRITTEN
            if fault is not None:
                return AuditCheck(rows, previous, fault, rows + 1)
            rows, previous = rows + 1, row.hash
    if noted is not None and noted[0] > rows:
        return AuditCheck(rows, previous, CUT, rows + 1)
    return AuditCheck(rows, previous)


def _fault_of(row: AuditRow, expected: int, previous: str) -> str | None:
    if row.sequence != expected:
        return MISSING if row.sequence > expected else INSERTED
    if row.hash != row.own_hash():
        return CHANGED
    return None if row.previous_hash == previous else MOVED


def _fault_of_end(found: AuditCheck, head: Head | None, sign: Sign) -> tuple[str | None, int | None]:
    if head is None:
        return (FORGED, found.rows) if found.rows else (None, None)
    signature = sign(head.told())
    if head.signature is None or signature is None:
        fault = UNSIGNED if head.signature is None else UNCHECKED
    elif not hmac.compare_digest(head.signature, signature):
        return FORGED, head.sequence
    else:
        fault = None
    if head.sequence > found.rows:
        return CUT, found.rows + 1
    if head.sequence < found.rows:
        return INSERTED, head.sequence + 1
    if head.hash != found.last_hash:
        return REWRITTEN, None
    return fault, None
