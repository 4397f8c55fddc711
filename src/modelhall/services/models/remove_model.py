"""Takes a model out of the library, restorably; what was used through it stays in the ledger."""

from collections.abc import Sequence

from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.edit_model import refuse_stale
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import told
from modelhall.services.models.succession import take_over
from modelhall.services.rights import require
from modelhall.services.uses import Use, refuse_used_but_default, refuse_uses, uses_of
from modelhall.storage import models
from modelhall.storage.database import Change


async def remove_model(
    house: House,
    actor: Actor,
    name: str,
    *,
    force: bool = False,
    successor: str | None = None,
    if_revision: int | None = None,
) -> None:
    """Remove it. A `successor` takes its place wherever it is named, as the default too.

    With an admin's `force` also when something names it, but never the default. Raises RoleTooLow, UnknownModel, Stale,
    Conflict.
    """
    require(actor, Role.ADMIN if force else Role.MEMBER)
    async with house.database.change(actor) as change:
        model = await find_model(change.connection, actor.organisation_id, name)
        refuse_stale(model, if_revision)
        after = None if successor is None else await find_model(change.connection, actor.organisation_id, successor)
        await removed(change, model, force=force, successor=after)


async def removed(
    change: Change,
    model: Model,
    *,
    force: bool = False,
    successor: Model | None = None,
    uses: Sequence[Use] | None = None,
    undoes: str | None = None,
) -> None:
    """Remove it within a change. `undoes`: the change that it takes back. Raises Conflict.

    `uses`: who needs it, where that is known already.
    """
    after: dict[str, object] = {"deleted": True}
    if successor is None:
        await refuse_used_but_default(change.connection, model.organisation_id, [model])
        if not force:
            refuse_uses(await uses_of(change.connection, model.organisation_id, [model]) if uses is None else uses)
    else:
        moved = await take_over(change, model, successor)
        after |= {"successor": successor.public_name, "moved": [each.told() for each in moved]}
    await models.delete_model(change.connection, model.id)
    action, more = ("model.undo", {"undoes": undoes}) if undoes else ("model.remove", {})
    await change.audit(action, "model", model.id, model.public_name, before=told(model), after=after | more)
