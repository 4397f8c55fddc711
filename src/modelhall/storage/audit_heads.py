"""The end of each organisation's audit, signed: whoever cuts rows off, or writes all of it anew, cannot sign that."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.rows import upsert
from modelhall.storage.tables.system import audit_heads

Sign = Callable[[bytes], bytes | None]
"""Signs bytes by a key that is not in the database; `None` while the master key is missing."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a chain."""

    organisation_id: str
    sequence: int
    hash: str
    signature: bytes | None = None

    def told(self) -> bytes:
        """What is signed."""
        return f"{self.organisation_id} {self.sequence} {self.hash}".encode()


async def write_head(connection: AsyncConnection, head: Head, sign: Sign) -> None:
    """Have the organisation's chain end there."""
    values = {"sequence": head.sequence, "hash": head.hash, "signature": sign(head.told())}
    written = upsert(connection, audit_heads).values(organisation_id=head.organisation_id, **values)
    await connection.execute(written.on_conflict_do_update(index_elements=["organisation_id"], set_=values))


async def get_head(connection: AsyncConnection, organisation_id: str) -> Head | None:
    """Where the organisation's chain ends, as it was written down."""
    query = sa.select(audit_heads).where(audit_heads.c.organisation_id == organisation_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Head(row.organisation_id, row.sequence, row.hash, row.signature)
