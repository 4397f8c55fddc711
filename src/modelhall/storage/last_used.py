"""Which model each member's calls named last and were answered by."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.ledger import Entry
from modelhall.storage.posting import time_of
from modelhall.storage.rows import upsert
from modelhall.storage.tables.money import last_used

AGAIN_US = int(timedelta(minutes=1).total_seconds() * 1_000_000)
"""What a member uses all the time is written again after so long: another process may have written something else."""
UNNAMED = "default"
"""What a call asks for that names no model: nobody chose what answers it."""


class Use(NamedTuple):
    """One member's last choice."""

    organisation_id: str
    model_id: str
    at_us: int


class LastUsed:
    """What one process has written down of it, so that a fold writes only what is new."""

    def __init__(self) -> None:
        self._written: dict[str, Use] = {}

    def news(self, entries: Iterable[Entry]) -> Mapping[str, Use]:
        """By member id, what these attempts change."""
        latest: dict[str, Use] = {}
        for intent, settled in ((entry.intent, entry.settled) for entry in entries):
            if settled.status == "ok" and intent.asked != UNNAMED:
                before = latest.get(intent.member_id) or self._written.get(intent.member_id)
                if before is None or _is_news(intent.model_id, intent.started_us, before):
                    latest[intent.member_id] = Use(intent.organisation_id, intent.model_id, intent.started_us)
        return latest

    def wrote(self, news: Mapping[str, Use]) -> None:
        """They are in the database."""
        self._written.update(news)


def _is_news(model_id: str, at_us: int, before: Use) -> bool:
    return at_us >= before.at_us + (AGAIN_US if model_id == before.model_id else 0)


async def write(connection: AsyncConnection, news: Mapping[str, Use]) -> None:
    """Note what is newer than what is there; members in the order of their ids, so that two writers wait in a line."""
    for member_id, use in sorted(news.items()):
        row = {"organisation_id": use.organisation_id, "model_id": use.model_id, "at": time_of(use.at_us)}
        insert = upsert(connection, last_used).values(member_id=member_id, **row)
        newer = insert.on_conflict_do_update(
            index_elements=["member_id"],
            set_={name: insert.excluded[name] for name in row},
            where=last_used.c.at <= insert.excluded["at"],
        )
        await connection.execute(newer)


async def of_members(connection: AsyncConnection, organisation_ids: Collection[str]) -> Mapping[str, str]:
    """Library model ids by member id, of the members of these organisations."""
    columns = last_used.c
    theirs = sa.select(columns.member_id, columns.model_id).where(columns.organisation_id.in_(organisation_ids))
    return {row.member_id: row.model_id for row in await connection.execute(theirs)}
