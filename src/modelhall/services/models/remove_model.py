"""Takes a model out of the library; what was used through it stays in the ledger."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.edit_model import refuse_stale
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import told
from modelhall.services.rights import require
from modelhall.services.uses import refuse_used, refuse_used_but_default
from modelhall.storage import models


async def remove_model(
    house: House, actor: Actor, name: str, *, force: bool = False, if_revision: int | None = None
) -> None:
    """Remove it; with an admin's `force` also when something names it, but never the default.

    Raises RoleTooLow, UnknownModel, Stale, Conflict.
    """
    require(actor, Role.ADMIN if force else Role.MEMBER)
    async with house.database.change(actor) as change:
        model = await find_model(change.connection, actor.organisation_id, name)
        refuse_stale(model, if_revision)
        check = refuse_used_but_default if force else refuse_used
        await check(change.connection, actor.organisation_id, [model])
        await models.delete_model(change.connection, model.id)
        await change.audit("model.remove", "model", model.id, model.public_name, before=told(model))
