"""Collections: named sets of models in an order of their own."""

from collections.abc import Mapping

from modelhall.services.collections.delete_collection import delete_collection
from modelhall.services.collections.set_collection import set_collection
from modelhall.services.files.kinds.kind import Fields, Kind, Task, Work
from modelhall.services.files.stock import Stock


def _read(stock: Stock) -> Mapping[str, Fields]:
    in_order = sorted(stock.collections, key=lambda each: each.name)
    return {each.name: {"models": stock.names(each.model_ids)} for each in in_order}


async def _write(work: Work, task: Task) -> None:
    if task.old is None or task.differs("models"):
        await set_collection(work.house, work.actor, task.name, task.new.get("models", ()))


async def _remove(work: Work, name: str) -> None:
    await delete_collection(work.house, work.actor, name)


COLLECTION = Kind(
    word="collection",
    key="name",
    read=_read,
    ids=lambda stock: {each.name: each.id for each in stock.collections},
    write=_write,
    remove=_remove,
)
