"""Keeps the snapshot fresh: at once after a change of this process, within 250 ms after a change of another one."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from modelhall.domain.errors import DatabaseUnavailable, NotReady
from modelhall.gateway.snapshot import Snapshot, snapshot_of
from modelhall.providers.provider import Provider
from modelhall.storage import last_used
from modelhall.storage.database import Database
from modelhall.storage.picture import read_picture
from modelhall.storage.vault import Vault

POLL_S = 0.25
LATELY_S = 5.0


class Lookout:
    """Holds the current snapshot and replaces it whole."""

    def __init__(
        self,
        database: Database,
        providers: Mapping[str, Provider],
        vault: Vault,
        stale_limit_s: float,
        on_new: Callable[[Snapshot], None] = lambda snapshot: None,
    ) -> None:
        self._database = database
        self._providers = providers
        self._vault = vault
        self._stale_limit_s = stale_limit_s
        self._on_new = on_new
        self._snapshot: Snapshot | None = None
        self._confirmed = 0.0
        self._refreshing = asyncio.Lock()

    def current(self) -> Snapshot:
        """The snapshot to serve from.

        Raises NotReady before the first, DatabaseUnavailable when it is too old to trust.
        """
        if self._snapshot is None:
            raise NotReady("the library is still being read; try again in a moment", retry_after_s=1)
        if time.monotonic() - self._confirmed > self._stale_limit_s:
            raise DatabaseUnavailable(
                "the database has not answered for too long to serve from memory", retry_after_s=5
            )
        return self._snapshot

    @property
    def ready(self) -> bool:
        """Whether there is a snapshot that may be served from."""
        return self._snapshot is not None and time.monotonic() - self._confirmed <= self._stale_limit_s

    @property
    def answered_lately(self) -> bool:
        """Whether the database answered within the last seconds."""
        return time.monotonic() - self._confirmed <= LATELY_S

    async def changed(self, number: int) -> None:
        """This process made a change: returns when the snapshot holds it. Raises DatabaseUnavailable."""
        async with self._refreshing:
            if self._snapshot is None or self._snapshot.number < number:
                await self._read()

    async def poll(self) -> None:
        """Looks whether another process made a change. Raises DatabaseUnavailable."""
        number = await self._database.change_number()
        asked = time.monotonic()
        await self.changed(number)
        await self._see_last_used()
        self._confirmed = max(self._confirmed, asked)  # only now: a change that cannot be read must not be served past

    async def _see_last_used(self) -> None:
        """What members used last is asked for only where it may answer a call: in organisations without a default."""
        if (snapshot := self._snapshot) is None:
            return
        bare = [each.organisation.id for each in snapshot.libraries.values() if not each.has_default]
        if not bare:
            return
        async with self._database.read() as connection:
            found = await last_used.of_members(connection, bare)
        if self._snapshot is snapshot and found != snapshot.last_used:
            self._snapshot = replace(snapshot, last_used=found)

    async def _read(self) -> None:
        async with self._database.read() as connection:
            picture = await read_picture(connection)
        if picture.key_version != self._vault.version:
            await self._vault.refresh()
        self._snapshot = snapshot_of(picture, self._providers)
        self._on_new(self._snapshot)
        await self._see_last_used()
        self._confirmed = time.monotonic()
