"""Deletes an alias; the models stay, and so does what was used under the name."""

from modelhall.domain.errors import Stale
from modelhall.domain.people import Actor, Role
from modelhall.services.aliases.alias_view import AliasView, alias_views, told
from modelhall.services.aliases.find_alias import find_alias
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import aliases


async def delete_alias(house: House, actor: Actor, name: str, *, if_revision: int | None = None) -> AliasView:
    """Delete it; gives what it was, so that it can be set again. Raises RoleTooLow, NotFound, Stale."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        alias = await find_alias(change.connection, actor.organisation_id, name)
        (view,) = await alias_views(house, change.connection, actor.organisation_id, [alias])
        if if_revision is not None and view.revision != if_revision:
            raise Stale(f"alias {name} was changed since you read it; read it again, then delete it")
        await aliases.delete_alias(change.connection, alias.id)
        await change.audit("alias.delete", "alias", alias.id, alias.name, before=told(view))
    return view
