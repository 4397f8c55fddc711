"""Edits a model: its state, its words, its labels, who follows it, and what is known or stored of its parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from modelhall.dialects.stored_values import Values
from modelhall.domain.errors import Stale
from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep, kept
from modelhall.services.models.default_model import default_id, move_default
from modelhall.services.models.find_model import find_model
from modelhall.services.models.label_model import label
from modelhall.services.models.model_view import ModelView, model_views, told
from modelhall.services.models.own_facts import Fact, with_facts
from modelhall.services.models.own_parameters import Wish, with_wishes
from modelhall.services.models.rules import default_stays_active, is_usable, refuse_circle
from modelhall.services.models.stored_values import with_stored
from modelhall.services.rights import require
from modelhall.services.words import line, lines, slug
from modelhall.storage import models
from modelhall.storage.database import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEdit:
    """What is to change; KEEP leaves a field as it is."""

    active: bool | Keep = KEEP
    hidden: bool | Keep = KEEP
    title: str | Keep = KEEP
    notes: str | None | Keep = KEEP
    category: str | None | Keep = KEEP
    tags: Sequence[str] | Keep = KEEP
    """All that it is to carry."""
    quarantined_because: str | None | Keep = KEEP
    """Why it is held back; `None` releases it. For admins."""
    successor: str | None | Keep = KEEP
    """The public name of the model that is to take its place one day."""
    parameters: Mapping[str, Wish] | Keep = KEEP
    """By parameter: what is to change of a person's word on it; `None` forgets it."""
    defaults: Values | Keep = KEEP
    """By parameter: what is sent where a caller sends none; `None`: nothing."""
    facts: Mapping[Fact, int | str | None] | Keep = KEEP
    """What is known better here than elsewhere; `None` forgets it, and what others say counts again."""


async def edit_model(
    house: House, actor: Actor, name: str, edit: ModelEdit, *, if_revision: int | None = None
) -> ModelView:
    """The model as it is then. Raises RoleTooLow, UnknownModel, Stale, BadRequest, Conflict (see `rules`)."""
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        old = await find_model(change.connection, actor.organisation_id, name)
        refuse_stale(old, if_revision)
        new = await edited(house, change, old, edit)
        if not change.audited:
            change.nothing()
        (view,) = await model_views(house, change.connection, actor.organisation_id, [new])
    return view


async def edited(house: House, change: Change, old: Model, edit: ModelEdit) -> Model:
    """The model as it is then, written down if it is another. Raises as `edit_model` does."""
    new = _edited(old, edit, house.clock().date().isoformat())
    if not isinstance(edit.facts, Keep):
        new = await with_facts(house, change.connection, new, edit.facts)
    if not isinstance(edit.successor, Keep):
        new = replace(new, successor_id=await _successor_id(change.connection, old, edit.successor))
    new = await written(change, old, new)
    if not isinstance(edit.tags, Keep):
        await label(change, new, edit.tags)
    return new


async def written(change: Change, old: Model, new: Model, *, undoes: str | None = None) -> Model:
    """Write the model if it is another, and what follows from its new state. `undoes`: the change that it takes back.

    Raises RoleTooLow, Conflict.
    """
    if new == old:
        return old
    if new.quarantined_because != old.quarantined_because:
        require(change.actor, Role.ADMIN)
    if is_usable(old) and not is_usable(new) and await default_id(change.connection, old.organisation_id) == old.id:
        await _default_goes_on(change, new)
    new = await models.update_model(change.connection, new)
    action, more = ("model.undo", {"undoes": undoes}) if undoes else ("model.edit", {})
    await change.audit(action, "model", new.id, new.public_name, before=told(old), after=told(new) | more)
    return new


async def _default_goes_on(change: Change, model: Model) -> None:
    """A default that is held back makes room for its successor; any other default stays active. Raises Conflict."""
    held_back = model.quarantined_because is not None
    after = await models.get_model(change.connection, model.successor_id or "") if model.successor_id else None
    if not held_back or after is None or not is_usable(after):
        raise default_stays_active(model)
    await move_default(change, after)


def refuse_stale(model: Model, if_revision: int | None) -> None:
    """Raises Stale when the model has another revision than the one that was read."""
    if if_revision is not None and model.revision != if_revision:
        raise Stale(f"{model.public_name} was changed since you read it; read it again, then change it")


async def _successor_id(connection: Connection, model: Model, name: str | None) -> str | None:
    if name is None:
        return None
    successor = await find_model(connection, model.organisation_id, name)
    await refuse_circle(connection, model, successor)
    return successor.id


def _edited(old: Model, edit: ModelEdit, today: str) -> Model:
    new = old
    if not isinstance(edit.parameters, Keep):
        new = with_wishes(new, edit.parameters, today)
    if not isinstance(edit.defaults, Keep):
        new = with_stored(new, edit.defaults)
    category = kept(edit.category, old.category)
    reason = kept(edit.quarantined_because, old.quarantined_because)
    return replace(
        new,
        active=kept(edit.active, old.active),
        hidden=kept(edit.hidden, old.hidden),
        name=old.name if isinstance(edit.title, Keep) else line(edit.title, "title"),
        notes=lines(kept(edit.notes, old.notes), "notes"),
        category=None if category is None else slug(category, "category"),
        quarantined_because=None if reason is None else line(reason, "quarantined_because", 500),
    )
