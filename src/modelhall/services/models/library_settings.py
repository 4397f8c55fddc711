"""Settings of an organisation's library: shown, changed, and asked for where they matter."""

from dataclasses import dataclass

from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage.settings import read_settings, write_setting

ACTIVATE_ON_SYNC = "activate_on_sync"


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """What holds for the whole library."""

    activate_on_sync: bool = False
    """Whether new models are switched on at once."""


async def library_settings(connection: Connection, organisation_id: str) -> LibrarySettings:
    """As they are in force."""
    stored = await read_settings(connection, organisation_id)
    return LibrarySettings(activate_on_sync=stored.get(ACTIVATE_ON_SYNC) is True)


async def show_library_settings(house: House, actor: Actor) -> LibrarySettings:
    """As they are in force. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        return await library_settings(connection, actor.organisation_id)


async def set_library_settings(house: House, actor: Actor, *, activate_on_sync: bool | None = None) -> LibrarySettings:
    """As they are then; `None` leaves one as it is. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        old = await library_settings(change.connection, actor.organisation_id)
        new = old if activate_on_sync is None else LibrarySettings(activate_on_sync)
        if new == old:
            change.nothing()
        else:
            await write_setting(change.connection, actor.organisation_id, ACTIVATE_ON_SYNC, new.activate_on_sync)
            before, after = ({ACTIVATE_ON_SYNC: each.activate_on_sync} for each in (old, new))
            await change.audit(
                "library.set", "organisation", actor.organisation_id, "library", before=before, after=after
            )
    return new
