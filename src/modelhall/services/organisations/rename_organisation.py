"""Gives the organisation another name; its id stays."""

from dataclasses import replace

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Organisation, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.words import line
from modelhall.storage import organisations


async def rename_organisation(house: House, actor: Actor, name: str) -> Organisation:
    """The organisation as it is then. Raises RoleTooLow, BadRequest."""
    require(actor, Role.ADMIN)
    name = line(name, "name", 100)
    async with house.database.change(actor) as change:
        old = await organisations.get_organisation(change.connection, actor.organisation_id)
        if old is None:
            raise NotFound("there is no such organisation any more")
        new = replace(old, name=name)
        await organisations.update_organisation(change.connection, new)
        before, after = {"name": old.name}, {"name": new.name}
        await change.audit("organisation.rename", "organisation", new.id, new.slug, before=before, after=after)
    return new
