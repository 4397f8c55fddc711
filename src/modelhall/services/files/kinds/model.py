"""Models of the library: their state, words and labels, what people know of them, and prices entered by hand."""

from collections.abc import Mapping
from typing import Any

from modelhall.domain.library import BUILT_IN_PROFILE, Model
from modelhall.providers.parameters import stored_of
from modelhall.services.files.kinds.evidence import evidence_fields, set_evidence, with_author, with_normal_evidence
from modelhall.services.files.kinds.kind import Fields, Kind, Present, Task, Work, changed
from modelhall.services.files.kinds.model_facts import FACTS, PLAIN, facts_fields, make_model, set_facts
from modelhall.services.files.kinds.price import normal_price, price_fields, sheet_of, unknown_price
from modelhall.services.files.stock import Stock
from modelhall.services.keep import KEEP
from modelhall.services.models.edit_model import ModelEdit, edited
from modelhall.services.models.facts import facts_here
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import price_now
from modelhall.services.models.new_model import day
from modelhall.services.models.own_parameters import own_parameters
from modelhall.services.models.price_model import told
from modelhall.services.models.remove_model import remove_model
from modelhall.services.models.restore_model import restored
from modelhall.services.profiles.find_profile import find_profile
from modelhall.storage import models, prices

AMOUNTS = ("usd_per_million", "rates", "unit")
WISH = ("taken", "min", "max", "sent_as")


def _read(stock: Stock) -> Mapping[str, Fields]:
    in_order = sorted(stock.models, key=lambda each: each.public_name)
    return {model.public_name: _fields(model, stock) for model in in_order}


def _fields(model: Model, stock: Stock) -> Fields:
    told: dict[str, Any] = {
        "active": model.active,
        "custom": model.custom or None,
        "hidden": model.hidden or None,
        "title": model.name if model.name != model.model_id else None,
        "notes": model.notes,
        "category": model.category,
        "tags": sorted(stock.tags.get(model.id, ())) or None,
        "successor": stock.public.get(model.successor_id or ""),
        "held_back": model.quarantined_because,
        **facts_fields(model),
        "parameters": {name: dict(word) for name, word in own_parameters(model).items()} or None,
        "defaults": dict(stored_of(model)) or None,
        "price": price_fields(stock.sheets.get(model.id, ()), stock.now),
        "evidence": evidence_fields(model.privacy),
    }
    return {name: value for name, value in told.items() if value is not None}


def _normal(fields: Fields) -> Fields:
    new = dict(with_normal_evidence(fields))
    if "tags" in new:
        new["tags"] = sorted({each.strip() for each in new["tags"]})
    if new.get("knowledge_cutoff"):
        new["knowledge_cutoff"] = day(new["knowledge_cutoff"], "knowledge_cutoff")
    if new.get("price"):
        new["price"] = normal_price(new["price"])
    return new


def _settle(fields: Fields, present: Present) -> Fields:
    """A price without a day or a person is of today and of whoever applies it, unless it is there already.

    A title that is the provider's own name is none.
    """
    fields = with_author(fields, present)
    if fields.get("title") == present.name.partition("/")[2]:
        fields = {**fields, "title": None}
    given = fields.get("price")
    if not given:
        return fields
    held = (present.old or {}).get("price", {})
    same = all(held.get(name) == given.get(name) for name in AMOUNTS)
    told = {"as_of": held.get("as_of") if same else present.today}
    told["entered_by"] = held.get("entered_by") if same else present.who
    price = {**told, **given}
    return {**fields, "price": {name: value for name, value in price.items() if value is not None}}


async def _write(work: Work, task: Task) -> None:
    """All but what takes it out of use, and who follows it: others may still need it."""
    old = task.old
    if old is None:
        await make_model(work, task)
        old = await _as_made(work, task.name)
    task = Task(task.kind, task.name, old, task.new if task.old is not None or task.exact else {**old, **task.new})
    if task.differs("custom", *FACTS):
        await set_facts(work, task)
    await set_evidence(work, task, "model")
    edits = {name: task.edit(name) for name in ("notes", "category")}
    edits |= {"hidden": task.edit("hidden", False), "tags": task.edit("tags", ())}
    edits |= {"title": task.edit("title", task.name.partition("/")[2])}
    edits |= {"active": True if task.new.get("active") and task.differs("active") else KEEP}
    edits |= {"quarantined_because": task.edit("held_back") or None if old.get("held_back") else KEEP}
    edits |= {"successor": None if task.differs("successor") and old.get("successor") else KEEP}
    if task.differs("parameters"):
        edits["parameters"] = _wishes(old.get("parameters", {}), task.new.get("parameters", {}))
    if task.differs("defaults"):
        new = task.new.get("defaults", {})
        edits["defaults"] = {name: new.get(name) for name in {**old.get("defaults", {}), **new}}
    if edits := changed(**edits):
        await _edit(work, task.name, ModelEdit(**edits))
    if task.differs("price"):
        await _price(work, task)


def _wishes(old: Fields, new: Fields) -> dict[str, Any]:
    """What is to change: a parameter that is no longer spoken of is forgotten."""
    said = {name: {field: word.get(field) for field in WISH} for name, word in new.items()}
    return {**dict.fromkeys(old), **said}


async def _as_made(work: Work, name: str) -> Fields:
    """The fields of a model that was just made."""
    async with work.house.database.read() as connection:
        model = await find_model(connection, work.actor.organisation_id, name)
    return _fields(model, Stock(now=work.house.clock(), models=(model,)))


async def _price(work: Work, task: Task) -> None:
    """The price that the file says from now on; without one, what provider and catalog say, or that it is unknown."""
    house, given = work.house, task.new.get("price")
    async with house.database.change(work.actor) as change:
        model = await find_model(change.connection, work.actor.organisation_id, task.name)
        profile = await find_profile(change.connection, model.organisation_id, model.profile)
        now = house.clock()
        held = (await prices.current_sheets(change.connection, now, [model.id])).get(model.id, ())
        if given is not None:
            sheets = [sheet_of(given, now)]
        else:
            facts = facts_here(house, profile, model.model_id)
            sheets = facts.sheets() or unknown_price(held, now, free=facts.provider.free)
        for sheet in sheets:
            await prices.append_sheet(
                change.connection, sheet, organisation_id=model.organisation_id, model_id=model.id
            )
        before = price_now(house, model, held)
        after = told(sheets[0]) if sheets else None
        was = None if before is None else told(before)
        await change.audit("price.set", "model", model.id, model.public_name, before=was, after=after)


async def _finish(work: Work, task: Task) -> None:
    reason, successor = task.new.get("held_back"), task.new.get("successor")
    edits = {
        "successor": successor if successor and task.differs("successor") else KEEP,
        "quarantined_because": reason if reason and task.differs("held_back") else KEEP,
        "active": False if task.new.get("active") is False and (task.old or {}).get("active") else KEEP,
    }
    if edits := changed(**edits):
        await _edit(work, task.name, ModelEdit(**edits))


async def _edit(work: Work, name: str, edit: ModelEdit) -> None:
    """As `edit_model` does, without asking how the model is: a file may speak of thousands."""
    async with work.house.database.change(work.actor) as change:
        model = await find_model(change.connection, work.actor.organisation_id, name)
        await edited(work.house, change, model, edit)
        if not change.audited:
            change.nothing()


async def _let_go(work: Work, name: str) -> None:
    await _edit(work, name, ModelEdit(successor=None))


async def _remove(work: Work, name: str) -> None:
    await remove_model(work.house, work.actor, name)


async def _restore(work: Work, name: str) -> None:
    profile, _, model_id = name.partition("/")
    async with work.house.database.change(work.actor) as change:
        connection, organisation_id = change.connection, work.actor.organisation_id
        there = await models.model_by_name(connection, organisation_id, profile, model_id)
        gone = await models.deleted_models(connection, organisation_id, name=(profile, model_id), limit=1)
        if there is None and gone:
            await restored(change, gone[0])
        else:
            change.nothing()


MODEL = Kind(
    word="model",
    key="name",
    read=_read,
    ids=lambda stock: {model.public_name: model.id for model in stock.models},
    write=_write,
    finish=_finish,
    let_go=_let_go,
    remove=_remove,
    restore=_restore,
    normal=_normal,
    settle=_settle,
    kept=lambda name, _fields: name.startswith(f"{BUILT_IN_PROFILE}/"),
    defaults={
        "custom": False,
        "hidden": False,
        "title": None,
        "notes": None,
        "category": None,
        "tags": [],
        "successor": None,
        "held_back": None,
        "parameters": {},
        "defaults": {},
        "price": None,
        "evidence": {},
        **dict.fromkeys(PLAIN),
        "capabilities": {},
    },
)
