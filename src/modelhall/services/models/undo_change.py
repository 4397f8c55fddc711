"""Takes a change of a model back. That is a change of its own, and refused where something later stands on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from modelhall.domain.errors import NotFound
from modelhall.domain.ids import new_id
from modelhall.domain.library import Model, Told
from modelhall.domain.people import Actor, Role
from modelhall.domain.prices import PriceSheet
from modelhall.providers.parameters import BY_PERSON
from modelhall.services.house import House
from modelhall.services.models.add_model import login_of
from modelhall.services.models.default_model import default_id, move_default
from modelhall.services.models.edit_model import written
from modelhall.services.models.find_any import find_any
from modelhall.services.models.given_prices import PERSON
from modelhall.services.models.history import PRICE, RENEWED_PRICE, ModelChange, changes_of
from modelhall.services.models.label_model import label
from modelhall.services.models.model_view import TOLD_FACTS, ModelView, model_views, price_now
from modelhall.services.models.model_view import told as told_model
from modelhall.services.models.price_model import enter_price
from modelhall.services.models.price_model import told as told_price
from modelhall.services.models.remove_model import removed
from modelhall.services.models.restore_model import restored
from modelhall.services.models.rules import refuse_circle, refuse_unusable, refused
from modelhall.services.models.stored_values import with_exactly
from modelhall.services.models.succession import give_back
from modelhall.services.rights import require
from modelhall.storage import models, prices, tags
from modelhall.storage.database import Change
from modelhall.storage.models import Gone

PLAIN = ("active", "hidden", "notes", "category", "quarantined_because", "successor_id")
KNOWN = ("kind", *TOLD_FACTS, "capabilities")


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back."""

    change: ModelChange
    view: ModelView | None
    """The model as it is now; `None`: it is no longer in the library."""
    kept: tuple[str, ...] = ()
    """Where the model was named before and is not again, because somebody changed it since."""


async def undo_change(house: House, actor: Actor, name: str, change_id: str | None = None) -> Undone:
    """Take back a change of the model; without an id the last that was not taken back.

    Raises RoleTooLow, UnknownModel, NotFound (no such change), Conflict with the reason.
    """
    require(actor, Role.MEMBER)
    async with house.database.change(actor) as change:
        found = await find_any(change.connection, actor.organisation_id, name)
        model = found.model if isinstance(found, Gone) else found
        past = await changes_of(change.connection, model)
        wanted = _wanted(model, past, change_id)
        kept = await _undo(_Undo(house, change, found, model, wanted, past))
        living = await models.models_by_ids(change.connection, [model.id])
        views = await model_views(house, change.connection, actor.organisation_id, list(living.values()))
    return Undone(wanted, views[0] if views else None, tuple(kept))


@dataclass(frozen=True, slots=True)
class _Undo:
    house: House
    change: Change
    found: Model | Gone
    model: Model
    wanted: ModelChange
    past: Sequence[ModelChange]

    @property
    def gone(self) -> bool:
        return isinstance(self.found, Gone)


def _wanted(model: Model, past: Sequence[ModelChange], change_id: str | None) -> ModelChange:
    if change_id is None:
        last = next((change for change in past if not change.undone and change.undoes is None), None)
        if last is None:
            raise refused(model, "nothing_to_undo", "has no change left that could be taken back")
        return last
    found = next((change for change in past if change.id == change_id), None)
    if found is None:
        raise NotFound(f"{model.public_name} has no change {change_id[:80]!r}; `modelhall model history` lists them")
    if found.undone:
        raise refused(
            model, "already_undone", "is as if that change had never been: it was taken back", change=found.id
        )
    return found


async def _undo(task: _Undo) -> list[str]:
    wanted = task.wanted
    if wanted.removes:
        return await _restore(task)
    if task.gone:
        raise refused(task.model, "deleted", "is deleted; first restore it: `modelhall model restore`")
    if wanted.before is not None and "default_id" in wanted.before:
        await _default(task, wanted.before)
    elif _is_price(wanted):
        await _price(task)
    elif wanted.before is None:
        await removed(task.change, task.model, undoes=wanted.id)
    else:
        await _fields(task)
    return []


async def _restore(task: _Undo) -> list[str]:
    if not isinstance(task.found, Gone):
        raise refused(task.model, "not_deleted", "is in the library again")
    back = await restored(task.change, task.found, undoes=task.wanted.id)
    if (task.wanted.before or {}).get("active") is True:
        await written(task.change, back, replace(back, active=True), undoes=task.wanted.id)
    moved = (task.wanted.after or {}).get("moved") or ()
    return await give_back(task.change, cast("Sequence[Mapping[str, Any]]", moved))


async def _fields(task: _Undo) -> None:
    """Put the fields back that it changed, if they are still as it left them."""
    model, before = task.model, task.wanted.differing
    connection = task.change.connection
    labels = (await tags.tags_of_models(connection, [model.id])).get(model.id, ())
    present = told_model(model) | {"tags": list(labels)}
    after = task.wanted.after or {}
    if "evidence" in before:
        raise refused(model, "evidence", "got other evidence, which is entered and withdrawn: `modelhall evidence`")
    later = [name for name in before if present.get(name) != after[name]]
    if later or not before:
        raise _changed_since(task, later)
    successor_id = before.get("successor_id")
    if isinstance(successor_id, str):
        successor = await models.get_model(connection, successor_id)
        if successor is None:
            raise refused(model, "successor_gone", "had a successor that is no longer in the library")
        await refuse_circle(connection, model, successor)
    today = task.house.clock().date().isoformat()
    await written(task.change, model, _with(model, before, today), undoes=task.wanted.id)
    if "tags" in before:
        await label(task.change, model, cast("list[str]", before["tags"]), undoes=task.wanted.id)


def _with(model: Model, before: Mapping[str, Any], today: str) -> Model:
    new = replace(model, **{name: before[name] for name in (*PLAIN, *KNOWN) if name in before})
    # Who puts a fact back says it: what a provider lists later does not take it away again.
    back = [name for name in KNOWN if name in before and name != "capabilities"]
    back += [f"capabilities.{name}" for name in _differing(model.capabilities, new.capabilities)]
    new = replace(new, sources={**new.sources, **dict.fromkeys(back, Told(PERSON, today))}) if back else new
    if "title" in before:
        new = replace(new, name=before["title"])
    if "stored" in before:
        new = with_exactly(new, before["stored"])
    if "parameters" in before:
        new = replace(new, parameters={**new.parameters, BY_PERSON: before["parameters"]})
    return new


def _differing(old: Mapping[str, bool], new: Mapping[str, bool]) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _changed_since(task: _Undo, fields: Sequence[str]) -> Exception:
    by = [
        change.id
        for change in task.past
        if change.sequence > task.wanted.sequence and not change.undone and set(fields) & change.differing.keys()
    ]
    words = (
        f"was changed since ({', '.join(fields)}); take the later change back first" if fields else "changed nothing"
    )
    return refused(task.model, "changed_since", words, fields=list(fields), changes=by)


async def _default(task: _Undo, before: Mapping[str, object]) -> None:
    connection, after = task.change.connection, task.wanted.after or {}
    if await default_id(connection, task.model.organisation_id) != after.get("default_id"):
        raise refused(task.model, "changed_since", "is not what the default was set to then: it was set again since")
    last = before["default_id"]
    model = await models.get_model(connection, str(last)) if last else None
    if last and model is None:
        raise refused(task.model, "default_gone", "followed a default that is no longer in the library")
    if model is not None:
        refuse_unusable(model)
    await move_default(task.change, model, undoes=task.wanted.id)


def _is_price(wanted: ModelChange) -> bool:
    return wanted.action == PRICE or "sheet_id" in (wanted.after or {})


async def _price(task: _Undo) -> None:
    """Enter the price of before once more, from now on: prices are only ever added."""
    require(task.change.actor, Role.ADMIN)
    connection, model, house = task.change.connection, task.model, task.house
    now = house.clock()
    sheets = await prices.current_sheets(connection, now, [model.id])
    present = price_now(house, model, sheets.get(model.id, ()))
    if present is None or present.id != (task.wanted.after or {}).get("sheet_id"):
        raise refused(model, "changed_since", "has got another price since", fields=["price"])
    before_id = (task.wanted.before or {}).get("sheet_id")
    old = await prices.sheet_by_id(connection, before_id) if isinstance(before_id, str) else None
    if old is None:
        raise refused(model, "no_price_before", "had no price before that could be entered again")
    passport = old.passport
    if task.wanted.action == RENEWED_PRICE:
        # A person's word from here on: the provider's next list would bring the other price back.
        passport = replace(passport, source=PERSON, entered_by=await login_of(connection, task.change.actor))
    sheet = PriceSheet(new_id(), now, old.rates, passport)
    await enter_price(connection, model, sheet)
    after = told_price(sheet) | {"undoes": task.wanted.id}
    await task.change.audit("model.undo", "model", model.id, model.public_name, before=told_price(present), after=after)
