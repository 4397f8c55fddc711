"""Several changes as one: use cases that run within a change which is being made, all of them or none."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.people import Actor
from modelhall.storage.database import Change, Database
from modelhall.storage.failures import translated


@dataclass(slots=True, eq=False)
class Joined(Database):
    """The database as a use case sees it that is one step of a larger change: what it writes is part of that change."""

    whole: Change = field(kw_only=True)

    @classmethod
    def within(cls, database: Database, whole: Change) -> "Joined":
        """This database, for the steps of that change."""
        return cls(database.dialect, database.file, database._writer, database._reader, whole=whole)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """The larger change's own transaction, with all that it wrote so far."""
        with translated():
            yield self.whole.connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection]:
        """A part of the larger change's transaction, rolled back by itself on any error. Raises as `Database.write`."""
        with translated():
            async with self.whole.connection.begin_nested():
                yield self.whole.connection

    @asynccontextmanager
    async def change(self, actor: Actor) -> AsyncGenerator[Change]:
        """A step: rolled back by itself when it has nothing to change. Listeners are told when the whole is done."""
        with translated():
            savepoint = await self.whole.connection.begin_nested()
            step = Change(self.whole.connection, actor, self.whole.number, self.whole.sign)
            try:
                yield step
            except BaseException:
                await savepoint.rollback()
                raise
            if step.empty:
                await savepoint.rollback()
                return
            if not step.audited:
                raise RuntimeError("a step of a change wrote no audit row")
            await savepoint.commit()
            self.whole.audited += step.audited
