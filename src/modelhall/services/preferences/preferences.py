"""A member's own default model and parameters: shown and changed, by that member only."""

from dataclasses import dataclass, replace
from typing import cast

from modelhall.dialects.stored_values import Values
from modelhall.domain.errors import NotFound, UnknownModel
from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Member, Role
from modelhall.providers.parameters import stored_in
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep
from modelhall.services.models.find_model import find_model
from modelhall.services.models.rules import is_usable, refuse_unusable
from modelhall.services.rights import require
from modelhall.services.stored_values import merged_values
from modelhall.services.words import line
from modelhall.storage import members, models
from modelhall.storage.picture import MODEL_PARAMETERS, PREFERRED_MODEL
from modelhall.storage.settings import read_settings, write_setting

MOST_NAME = 320


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member stored."""

    default_model: str | None
    """A public name; `None`: the project's or the organisation's default."""
    model_parameters: Values
    """What is sent where a call of this member sends none, before what is stored for its project and model."""
    warnings: tuple[str, ...] = ()
    """What of it has no effect now, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesEdit:
    """What is to change; `None` takes it away, of the parameters also one by one."""

    default_model: str | None | Keep = KEEP
    model_parameters: Values | None | Keep = KEEP
    may_come_later: bool = False
    """Whether the default may be a model that the library does not have yet, or not active; it counts once it is."""


async def show_preferences(house: House, actor: Actor) -> Preferences:
    """The actor's own. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        return await _preferences(connection, await _member(connection, actor))


async def set_preferences(house: House, actor: Actor, edit: PreferencesEdit) -> Preferences:
    """The actor's own as they are then.

    Raises RoleTooLow, BadRequest, UnknownModel, NotFound, Conflict for a model that no call may go to.
    """
    require(actor, Role.VIEWER)
    async with house.database.change(actor) as change:
        connection = change.connection
        member = await _member(connection, actor)
        old = await _preferences(connection, member)
        if not isinstance(edit.model_parameters, Keep):
            given = edit.model_parameters
            values = {} if given is None else merged_values(old.model_parameters, given, MODEL_PARAMETERS)
            await _write(connection, member, MODEL_PARAMETERS, values or None)
        if not isinstance(edit.default_model, Keep):
            member = await _with_default(connection, member, edit.default_model, may_come_later=edit.may_come_later)
        new = await _preferences(connection, member)
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


async def _with_default(connection: Connection, member: Member, name: str | None, *, may_come_later: bool) -> Member:
    """The member with this default; one that may only come is kept by its name."""
    model = None
    if name is not None:
        name = line(name, "default_model", MOST_NAME)
        model = await (_usable if may_come_later else _required)(connection, member, name)
    await _write(connection, member, PREFERRED_MODEL, name if model is None else None)
    new = replace(member, default_model_id=None if model is None else model.id)
    await members.update_member(connection, new)
    return new


async def _required(connection: Connection, member: Member, name: str) -> Model:
    model = await find_model(connection, member.organisation_id, name)
    refuse_unusable(model)
    return model


async def _usable(connection: Connection, member: Member, name: str) -> Model | None:
    try:
        model = await find_model(connection, member.organisation_id, name)
    except UnknownModel:
        return None
    return model if is_usable(model) else None


async def _member(connection: Connection, actor: Actor) -> Member:
    member = await members.get_member(connection, actor.member_id)
    if member is None:
        raise NotFound("who acts here is no member, and stores nothing")
    return member


async def _preferences(connection: Connection, member: Member) -> Preferences:
    kept = await read_settings(connection, member.organisation_id, member.id)
    parameters = stored_in(kept.get(MODEL_PARAMETERS))
    model = await models.get_model(connection, member.default_model_id) if member.default_model_id else None
    if model is not None:
        name, works = model.public_name, is_usable(model)
    else:
        name = cast("str | None", kept.get(PREFERRED_MODEL))
        works = name is None or await _usable(connection, member, name) is not None
    late = f"{name} is not an active model of the library yet; until it is, it answers no call that names no model"
    return Preferences(name, parameters, () if works else (late,))


async def _write(connection: Connection, member: Member, name: str, value: object) -> None:
    await write_setting(connection, member.organisation_id, name, cast("str | None", value), member.id)
