"""Provider keys that were refused while calls were served: marked for people to see, and used only as a last resort."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from modelhall.domain.errors import ModelhallError, NotFound, ProviderRefusedKey
from modelhall.domain.ids import NIL
from modelhall.domain.library import Profile, Secret
from modelhall.domain.people import Actor, Role
from modelhall.storage import profiles
from modelhall.storage.database import Database

REFUSED = 401
"""Only this says that the key itself is not taken; with 403 providers also refuse a model, a region or an address."""

log = logging.getLogger(__name__)


class KeyMarks:
    """Writes the marks beside the calls; a call never waits for one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writing: dict[str, asyncio.Task[None]] = {}

    def heard(self, profile: Profile, secret: Secret | None, error: BaseException | None) -> None:
        """What became of an attempt with this key: `None` = the provider took it."""
        if secret is None:
            return
        if error is None:
            if secret.refused_at is not None:
                self._mark(profile, secret, None)
        elif isinstance(error, ProviderRefusedKey) and error.details.get("upstream_status") == REFUSED:
            self._mark(profile, secret, error.message)

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Writes marks while the context lasts; those begun are finished at its end."""
        try:
            yield
        finally:
            await asyncio.gather(*self._writing.values(), return_exceptions=True)

    def _mark(self, profile: Profile, secret: Secret, because: str | None) -> None:
        if secret.id not in self._writing and (because is None) == (secret.refused_at is not None):
            task = asyncio.create_task(self._write(profile, secret, because))
            self._writing[secret.id] = task
            task.add_done_callback(lambda _: self._writing.pop(secret.id, None))

    async def _write(self, profile: Profile, secret: Secret, because: str | None) -> None:
        key = secret.shown or secret.reference or ""
        log.warning("key %s of profile %s: %s", key, profile.slug, because or "it is taken again")
        verb = "profile.key_refused" if because else "profile.key_taken"
        try:
            async with self._database.change(Actor(profile.organisation_id, NIL, Role.ADMIN, "system")) as change:
                await profiles.mark_secret_refused(change.connection, secret.id, because)
                await change.audit(verb, "profile", profile.id, profile.slug, after={"key": key})
        except NotFound:
            return  # somebody took the key away meanwhile
        except ModelhallError as error:
            log.warning("the mark could not be written, and will be with the next refusal: %s", error.message)
