"""Aliases: an organisation's own names for models, with what calls fall back to, and how dear that may be."""

from collections.abc import Mapping

from modelhall.services.aliases.delete_alias import delete_alias
from modelhall.services.aliases.set_alias import set_alias
from modelhall.services.files.kinds.kind import Fields, Kind, Task, Work
from modelhall.services.files.kinds.price import plain_amount
from modelhall.services.files.stock import Stock
from modelhall.services.words import rate

CEILING = "ceiling_usd_per_mtok"


def _read(stock: Stock) -> Mapping[str, Fields]:
    found: dict[str, Fields] = {}
    for alias in sorted(stock.aliases, key=lambda each: each.name):
        ceiling = alias.ceiling_usd_per_mtok
        more = {} if ceiling is None else {CEILING: plain_amount(ceiling)}
        found[alias.name] = {"models": stock.names(alias.model_ids), **more}
    return found


def _normal(fields: Fields) -> Fields:
    ceiling = fields.get(CEILING)
    return fields if ceiling is None else {**fields, CEILING: plain_amount(rate(ceiling, CEILING))}


async def _write(work: Work, task: Task) -> None:
    if task.old is None or task.differs("models", CEILING):
        models, ceiling = task.new.get("models", ()), task.new.get(CEILING)
        await set_alias(work.house, work.actor, task.name, models, ceiling=ceiling)


async def _remove(work: Work, name: str) -> None:
    await delete_alias(work.house, work.actor, name)


ALIAS = Kind(
    word="alias",
    key="name",
    read=_read,
    ids=lambda stock: {each.name: each.id for each in stock.aliases},
    write=_write,
    remove=_remove,
    normal=_normal,
    defaults={CEILING: None},
)
