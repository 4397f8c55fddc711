"""A member's own default model and parameters: shown and changed, by that member only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from modelhall.dialects.parameters import Number
from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Member, Role
from modelhall.providers.parameters import numbers_in
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep
from modelhall.services.models.find_model import find_model
from modelhall.services.models.rules import refuse_unusable
from modelhall.services.models.stored_parameters import merged_values
from modelhall.services.rights import require
from modelhall.storage import members, models
from modelhall.storage.picture import MODEL_PARAMETERS
from modelhall.storage.settings import read_settings, write_setting


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member stored."""

    default_model: str | None
    """A public name; `None`: the project's or the organisation's default."""
    model_parameters: Mapping[str, Number]
    """What is sent where a call of this member sends none, before what is stored for the model."""


async def show_preferences(house: House, actor: Actor) -> Preferences:
    """The actor's own. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        return await _preferences(connection, actor, await _member(connection, actor))


async def set_preferences(
    house: House,
    actor: Actor,
    *,
    default_model: str | None | Keep = KEEP,
    model_parameters: Mapping[str, Number | None] | Keep = KEEP,
) -> Preferences:
    """The actor's own as they are then; of the parameters `None` takes one away.

    Raises RoleTooLow, BadRequest, UnknownModel, NotFound, Conflict for a model that no call may go to.
    """
    require(actor, Role.VIEWER)
    async with house.database.change(actor) as change:
        connection = change.connection
        member = await _member(connection, actor)
        old = await _preferences(connection, actor, member)
        if not isinstance(model_parameters, Keep):
            values = merged_values(old.model_parameters, model_parameters)
            await write_setting(connection, actor.organisation_id, MODEL_PARAMETERS, {**values} or None, member.id)
        if not isinstance(default_model, Keep):
            member = replace(member, default_model_id=await _model_id(connection, actor, default_model))
            await members.update_member(connection, member)
        new = await _preferences(connection, actor, member)
        if new == old:
            change.nothing()
        else:
            await change.audit("preferences.set", "member", member.id, member.id, before=told(old), after=told(new))
    return new


def told(preferences: Preferences) -> dict[str, object]:
    """What the audit keeps of them."""
    return {
        "default_model": preferences.default_model,
        "model_parameters": dict(preferences.model_parameters),
    }


async def _model_id(connection: Connection, actor: Actor, name: str | None) -> str | None:
    if name is None:
        return None
    model = await find_model(connection, actor.organisation_id, name)
    refuse_unusable(model)
    return model.id


async def _member(connection: Connection, actor: Actor) -> Member:
    member = await members.get_member(connection, actor.member_id)
    if member is None:
        raise NotFound("who acts here is no member, and stores nothing")
    return member


async def _preferences(connection: Connection, actor: Actor, member: Member) -> Preferences:
    stored = (await read_settings(connection, actor.organisation_id, member.id)).get(MODEL_PARAMETERS)
    model = await models.get_model(connection, member.default_model_id) if member.default_model_id else None
    return Preferences(model.public_name if model else None, numbers_in(stored))
