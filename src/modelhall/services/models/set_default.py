"""Sets the model that answers when a request names none."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.default_model import move_default
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import ModelView, model_views
from modelhall.services.models.rules import refuse_unusable
from modelhall.services.rights import require


async def set_default(house: House, actor: Actor, name: str) -> ModelView:
    """The organisation's default from now on. Raises RoleTooLow, UnknownModel, Conflict when it is not active."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        model = await find_model(change.connection, actor.organisation_id, name)
        refuse_unusable(model)
        await move_default(change, model)
        if not change.audited:
            change.nothing()
        (view,) = await model_views(house, change.connection, actor.organisation_id, [model])
    return view
