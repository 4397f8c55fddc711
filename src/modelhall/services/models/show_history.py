"""Shows what happened to a model, and whether each change can be taken back as things are."""

from collections.abc import Mapping
from dataclasses import dataclass

from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.find_any import find_any
from modelhall.services.models.history import ModelChange, changes_of
from modelhall.services.rights import require
from modelhall.storage import members, models
from modelhall.storage.models import Gone


@dataclass(frozen=True, slots=True)
class History:
    """The changes of one model, the newest first."""

    model: str
    """Its public name."""
    deleted: bool
    changes: tuple[ModelChange, ...]
    logins: Mapping[str, str]
    """Of the members who made them, by id."""
    successors: Mapping[str, str]
    """Public names of the models that fields name by id."""


async def show_history(house: House, actor: Actor, name: str, *, limit: int) -> History:
    """The newest changes of a living or deleted model. Raises RoleTooLow, UnknownModel."""
    require(actor, Role.MEMBER)
    async with house.database.read() as connection:
        found = await find_any(connection, actor.organisation_id, name)
        model = found.model if isinstance(found, Gone) else found
        changes = tuple((await changes_of(connection, model))[:limit])
        return History(
            model.public_name,
            isinstance(found, Gone),
            changes,
            await _logins(connection, changes),
            await _successors(connection, changes),
        )


async def _logins(connection: Connection, changes: tuple[ModelChange, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for member_id in {change.actor_id for change in changes if change.actor_id}:
        if (member := await members.get_member(connection, member_id)) is not None:
            found[member_id] = member.handle
    return found


async def _successors(connection: Connection, changes: tuple[ModelChange, ...]) -> dict[str, str]:
    sides = [side.get("successor_id") for change in changes for side in (change.before or {}, change.after or {})]
    named = await models.models_by_ids(connection, {each for each in sides if isinstance(each, str)})
    return {model_id: model.public_name for model_id, model in named.items()}
