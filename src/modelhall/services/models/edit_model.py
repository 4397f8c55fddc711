"""Edits a model: active or not, hidden or not, its title and notes, and what a person knows of its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from modelhall.domain.errors import Conflict, Stale
from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep, kept
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import ModelView, model_views, told
from modelhall.services.models.own_parameters import Wish, with_wishes
from modelhall.services.rights import require
from modelhall.services.uses import is_default
from modelhall.services.words import line, lines
from modelhall.storage import models


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEdit:
    """What is to change; KEEP leaves a field as it is."""

    active: bool | Keep = KEEP
    hidden: bool | Keep = KEEP
    title: str | Keep = KEEP
    notes: str | None | Keep = KEEP
    parameters: Mapping[str, Wish] | Keep = KEEP
    """By parameter: what is to change of a person's word on it; `None` forgets it."""


async def edit_model(
    house: House, actor: Actor, name: str, edit: ModelEdit, *, if_revision: int | None = None
) -> ModelView:
    """The model as it is then. Raises RoleTooLow, UnknownModel, Stale, BadRequest, Conflict (the default)."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        old = await find_model(change.connection, actor.organisation_id, name)
        refuse_stale(old, if_revision)
        new = _edited(old, edit, house.clock().date().isoformat())
        if old.active and not new.active and await is_default(change.connection, old):
            raise Conflict(
                f"{old.public_name} is the default, and the default is active; "
                "set another one first: `modelhall model default MODEL`",
                details={"reason": "is_default", "model": old.public_name},
            )
        if new == old:
            change.nothing()
        else:
            new = await models.update_model(change.connection, new)
            await change.audit("model.edit", "model", new.id, new.public_name, before=told(old), after=told(new))
        (view,) = await model_views(house, change.connection, actor.organisation_id, [new])
    return view


def refuse_stale(model: Model, if_revision: int | None) -> None:
    """Raises Stale when the model has another revision than the one that was read."""
    if if_revision is not None and model.revision != if_revision:
        raise Stale(f"{model.public_name} was changed since you read it; read it again, then change it")


def _edited(old: Model, edit: ModelEdit, today: str) -> Model:
    if not isinstance(edit.parameters, Keep):
        old = with_wishes(old, edit.parameters, today)
    return replace(
        old,
        active=kept(edit.active, old.active),
        hidden=kept(edit.hidden, old.hidden),
        name=old.name if isinstance(edit.title, Keep) else line(edit.title, "title"),
        notes=lines(kept(edit.notes, old.notes), "notes"),
    )
