"""A person's own settings: the model they prefer, and parameters for their calls."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from modelhall.domain.errors import BadRequest, NotFound
from modelhall.domain.people import Actor, Member, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep
from modelhall.services.models.find_model import find_model
from modelhall.services.models.new_model import parameter
from modelhall.services.rights import require
from modelhall.services.words import line
from modelhall.storage import members, settings

PREFERRED, PARAMETERS = "preferred_model", "model_parameters"
MOST_NAME = 320


@dataclass(frozen=True, slots=True)
class Personal:
    """What somebody has set for themselves."""

    preferred_model: str | None
    model_parameters: Mapping[str, float]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalEdit:
    """What is to change; parameters are merged, `None` takes one away."""

    preferred_model: str | None | Keep = KEEP
    model_parameters: Mapping[str, float | None] | None | Keep = KEEP


async def show_personal(house: House, actor: Actor) -> Personal:
    """One's own settings. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        return await _read(connection, actor)


async def edit_personal(house: House, actor: Actor, edit: PersonalEdit) -> Personal:
    """One's own settings as they are then; nobody changes another person's here. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.change(actor) as change:
        connection = change.connection
        member = await _self(connection, actor)
        old = await _read(connection, actor)
        new = _edited(old, edit)
        if (new.preferred_model, new.model_parameters) == (old.preferred_model, old.model_parameters):
            change.nothing()
            return old
        await _write(connection, actor, PREFERRED, new.preferred_model)
        await _write(connection, actor, PARAMETERS, dict(new.model_parameters) or None)
        if new.preferred_model != old.preferred_model:
            default = await _resolved(connection, actor, new.preferred_model)
            await members.update_member(connection, replace(member, default_model_id=default))
        await change.audit("settings.set", "member", member.id, member.id, before=_told(old), after=_told(new))
        return await _read(connection, actor)


def _edited(old: Personal, edit: PersonalEdit) -> Personal:
    preferred = old.preferred_model
    if not isinstance(edit.preferred_model, Keep):
        preferred = None if edit.preferred_model is None else line(edit.preferred_model, PREFERRED, MOST_NAME)
    parameters = dict(old.model_parameters)
    if edit.model_parameters is None:
        parameters = {}
    elif not isinstance(edit.model_parameters, Keep):
        for name, value in edit.model_parameters.items():
            if value is None:
                parameters.pop(name, None)
            else:
                parameters[name] = parameter(name, value, PARAMETERS)
    return Personal(preferred, dict(sorted(parameters.items())))


async def _read(connection: Connection, actor: Actor) -> Personal:
    kept = await settings.read_settings(connection, actor.organisation_id, actor.member_id)
    preferred = cast("str | None", kept.get(PREFERRED))
    parameters = cast("Mapping[str, float]", kept.get(PARAMETERS) or {})
    warnings = ()
    if preferred is not None and await _resolved(connection, actor, preferred) is None:
        warnings = (f"{preferred} is not an active model of the library yet; until it is, the usual default answers",)
    return Personal(preferred, parameters, warnings)


async def _resolved(connection: Connection, actor: Actor, name: str | None) -> str | None:
    """The active model of that name, `None` while there is none."""
    if name is None:
        return None
    try:
        model = await find_model(connection, actor.organisation_id, name)
    except NotFound:
        return None
    return model.id if model.active and model.quarantined_because is None else None


async def _self(connection: Connection, actor: Actor) -> Member:
    member = await members.get_member(connection, actor.member_id)
    if member is None:
        raise BadRequest("only a member of the organisation has settings of their own")
    return member


async def _write(connection: Connection, actor: Actor, name: str, value: object) -> None:
    await settings.write_setting(connection, actor.organisation_id, name, cast("str | None", value), actor.member_id)


def _told(personal: Personal) -> dict[str, object]:
    return {PREFERRED: personal.preferred_model, PARAMETERS: dict(personal.model_parameters)}
