"""Sets the model that answers when a request names none."""

from dataclasses import replace

from modelhall.domain.errors import Conflict, NotFound
from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import ModelView, model_views
from modelhall.services.rights import require
from modelhall.storage import models, organisations


async def set_default(house: House, actor: Actor, name: str) -> ModelView:
    """The organisation's default from now on. Raises RoleTooLow, UnknownModel, Conflict when it is not active."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        model = await find_model(change.connection, actor.organisation_id, name)
        _refuse_unusable(model)
        organisation = await organisations.get_organisation(change.connection, actor.organisation_id)
        if organisation is None:
            raise NotFound("there is no such organisation")
        if organisation.default_model_id == model.id:
            change.nothing()
        else:
            last = organisation.default_model_id
            old = None if last is None else await models.get_model(change.connection, last)
            await organisations.update_organisation(change.connection, replace(organisation, default_model_id=model.id))
            await change.audit(
                "model.set_default",
                "organisation",
                organisation.id,
                organisation.slug,
                before={"default": old.public_name if old else None},
                after={"default": model.public_name},
            )
        (view,) = await model_views(house, change.connection, actor.organisation_id, [model])
    return view


def _refuse_unusable(model: Model) -> None:
    if model.quarantined_because is not None:
        reason, words = "quarantined", f"is held back: {model.quarantined_because}"
    elif not model.active:
        reason, words = "not_active", f"is not active; first `modelhall model activate {model.public_name}`"
    else:
        return
    raise Conflict(f"{model.public_name} {words}", details={"reason": reason, "model": model.public_name})
