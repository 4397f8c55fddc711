"""Takes a deleted model back into the library, with its facts, prices, tags and collections."""

from dataclasses import replace

from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.find_deleted import find_deleted
from modelhall.services.models.model_view import ModelView, model_views, told
from modelhall.services.models.rules import refused
from modelhall.services.rights import require
from modelhall.storage import models
from modelhall.storage.database import Change
from modelhall.storage.models import Gone


async def restore_model(house: House, actor: Actor, name: str) -> ModelView:
    """The model, switched off. `name`: as it was, or its number. Raises RoleTooLow, NotFound, Conflict."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        gone = await find_deleted(change.connection, actor.organisation_id, name)
        model = await restored(change, gone)
        (view,) = await model_views(house, change.connection, actor.organisation_id, [model])
    return view


async def restored(change: Change, gone: Gone, *, undoes: str | None = None) -> Model:
    """Take it back within a change. `undoes`: the change that it takes back. Raises Conflict."""
    connection, model = change.connection, gone.model
    if not gone.profile_lives:
        raise refused(model, "profile_gone", f"cannot come back: its profile {model.profile} was removed")
    if await models.model_by_name(connection, model.organisation_id, model.profile, model.model_id) is not None:
        raise refused(model, "name_taken", "is in the library again, as another entry; that one stays")
    await models.restore_model(connection, model.id)
    back = replace(model, active=False)
    action, more = ("model.undo", {"undoes": undoes}) if undoes else ("model.restore", {})
    await change.audit(action, "model", back.id, back.public_name, after=told(back) | more)
    return back
