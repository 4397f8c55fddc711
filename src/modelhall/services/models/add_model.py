"""Adds a model that a person describes: a deployment, a fine-tune, one that discovery misses."""

from dataclasses import replace

from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.facts import facts_here
from modelhall.services.models.model_view import TakenModel, model_views, told
from modelhall.services.models.new_model import NewModel, described
from modelhall.services.models.profile_for import Place, profile_for
from modelhall.services.rights import require
from modelhall.storage import members, models, prices
from modelhall.storage.database import Change


async def add_model(house: House, actor: Actor, place: Place, wanted: NewModel) -> TakenModel:
    """The new entry of the library.

    Raises RoleTooLow (prices are for admins), NotFound (profile), BadRequest with the place, AlreadyExists.
    """
    require(actor, Role.MEMBER if wanted.prices is None else Role.ADMIN)
    async with house.database.change(actor) as change:
        profile = await profile_for(house, change, actor, place)
        return await insert_described(house, change, actor, profile, wanted)


async def insert_described(
    house: House, change: Change, actor: Actor, profile: Profile, wanted: NewModel
) -> TakenModel:
    """Write the model and its price. The transaction's end raises AlreadyExists."""
    connection = change.connection
    known = described(wanted, facts_here(house, profile, wanted.model_id), await login_of(connection, actor))
    (model,) = await models.insert_models(connection, [replace(known.model, profile_id=profile.id)])
    for sheet in known.sheets:
        await prices.append_sheet(connection, sheet, organisation_id=actor.organisation_id, model_id=model.id)
    await change.audit("model.add", "model", model.id, model.public_name, after=told(model))
    (view,) = await model_views(house, connection, actor.organisation_id, [model])
    return TakenModel(view, known.warnings)


async def login_of(connection: Connection, actor: Actor) -> str | None:
    """The name under which a price says who entered it."""
    member = await members.get_member(connection, actor.member_id)
    return member.handle if member else None
