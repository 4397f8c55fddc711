"""Shows one model."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import ModelView, model_views
from modelhall.services.rights import require


async def show_model(house: House, actor: Actor, name: str) -> ModelView:
    """The model `profile/model-id`. Raises RoleTooLow, UnknownModel."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        model = await find_model(connection, actor.organisation_id, name)
        (view,) = await model_views(house, connection, actor.organisation_id, [model])
        return view
