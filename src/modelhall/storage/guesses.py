"""Wrong passwords: how many in a row for a login or from an address, and until when nobody may try again."""

from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.rows import upsert
from modelhall.storage.tables.people import guesses


async def note_guess(
    connection: AsyncConnection, subjects: Mapping[bytes, Callable[[int], datetime]], at: datetime
) -> datetime | None:
    """Counts one more guess against all subjects, before anybody knows whether it is right.

    Each subject comes with the time until which nobody may guess again, by how many guesses there were. Gives until
    when one of them must wait: then nothing was counted.
    """
    for subject in sorted(subjects):  # one order for all, so that no two wait for each other
        first = {"subject": subject, "failures": 0, "last_at": at, "wait_until": at}
        await connection.execute(upsert(connection, guesses).values(first).on_conflict_do_nothing())
    theirs = sa.select(guesses).where(guesses.c.subject.in_(subjects)).order_by(guesses.c.subject).with_for_update()
    rows = (await connection.execute(theirs)).all()
    waiting = [row.wait_until for row in rows if row.wait_until > at]
    if waiting:
        return max(waiting)
    for row in rows:
        count = row.failures + 1
        values = {"failures": count, "last_at": at, "wait_until": subjects[row.subject](count)}
        await connection.execute(sa.update(guesses).where(guesses.c.subject == row.subject).values(values))
    return None


async def forgive(connection: AsyncConnection, subject: bytes) -> None:
    """Forget the guesses against a subject: the last one was right."""
    await connection.execute(sa.delete(guesses).where(guesses.c.subject == subject))


async def take_back(connection: AsyncConnection, subject: bytes) -> None:
    """One guess less against a subject: it was right."""
    fewer = sa.update(guesses).where(guesses.c.subject == subject, guesses.c.failures > 0)
    await connection.execute(fewer.values(failures=guesses.c.failures - 1, wait_until=guesses.c.last_at))


async def forget_guesses(connection: AsyncConnection, before: datetime) -> int:
    """Remove those whose last guess was before that time; gives how many."""
    return (await connection.execute(sa.delete(guesses).where(guesses.c.last_at < before))).rowcount
