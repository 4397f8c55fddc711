"""The organisation itself: its name, its default model, its library's settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from modelhall.domain.errors import NotFound
from modelhall.services.files.kinds.kind import Fields, Kind, Task, Work
from modelhall.services.files.kinds.policy import demand, loosen, policy_fields, with_normal_policy
from modelhall.services.files.stock import Stock
from modelhall.services.models.default_model import move_default
from modelhall.services.models.library_settings import set_library_settings
from modelhall.services.models.set_default import set_default
from modelhall.services.policies.scope import Scope
from modelhall.services.words import line
from modelhall.storage import organisations

THE_ONE = "organisation"


def _read(stock: Stock) -> Mapping[str, Fields]:
    if stock.organisation is None:
        return {}
    default = stock.public.get(stock.organisation.default_model_id or "")
    fields: dict[str, Any] = {"name": stock.organisation.name, "default_model": default}
    fields |= {"activate_on_sync": stock.settings.activate_on_sync or None}
    fields |= {"policy": policy_fields(stock.organisation.policy)}
    return {THE_ONE: {name: value for name, value in fields.items() if value is not None}}


def _ids(stock: Stock) -> Mapping[str, str]:
    return {} if stock.organisation is None else {THE_ONE: stock.organisation.id}


async def _write(work: Work, task: Task) -> None:
    await loosen(work, task, Scope())
    if task.differs("activate_on_sync"):
        await set_library_settings(work.house, work.actor, activate_on_sync=task.new.get("activate_on_sync", False))
    if not task.differs("name"):
        return
    async with work.house.database.change(work.actor) as change:
        old = await organisations.get_organisation(change.connection, work.actor.organisation_id)
        if old is None:
            raise NotFound("there is no such organisation")
        new = replace(old, name=line(task.new["name"], "name"))
        await organisations.update_organisation(change.connection, new)
        before, after = {"name": old.name}, {"name": new.name}
        await change.audit("organisation.edit", "organisation", old.id, old.slug, before=before, after=after)


async def _finish(work: Work, task: Task) -> None:
    await demand(work, task, Scope())
    if not task.differs("default_model"):
        return
    name = task.new.get("default_model")
    if name is not None:
        await set_default(work.house, work.actor, name)
        return
    async with work.house.database.change(work.actor) as change:
        await move_default(change, None)
        if not change.audited:
            change.nothing()


ORGANISATION = Kind(
    word="organisation",
    key=None,
    read=_read,
    ids=_ids,
    write=_write,
    finish=_finish,
    normal=with_normal_policy,
    defaults={"default_model": None, "activate_on_sync": False, "policy": {}},
    kept=lambda _name, _fields: True,
)
