"""Finds a collection by its name, and the models that a list of names means."""

from collections.abc import Sequence
from difflib import get_close_matches

from modelhall.domain.errors import NotFound
from modelhall.domain.library import Collection, Model
from modelhall.services.connection import Connection
from modelhall.services.models.find_model import find_model
from modelhall.storage import collections, models

PREFIX = "collection:"
"""In front of a collection's name, where a list of models is asked for."""
MOST_COMPARED = 2000


async def find_collection(connection: Connection, organisation_id: str, name: str) -> Collection:
    """The organisation's living collection. Raises NotFound with the nearest names."""
    found = await collections.collection_by_name(connection, organisation_id, name)
    if found is not None:
        return found
    there = [each.name for each in await collections.list_collections(connection, organisation_id, limit=MOST_COMPARED)]
    near = get_close_matches(name[:100], there, n=3, cutoff=0.4)
    hint = f"; there is {', '.join(near)}" if near else "; `modelhall collection list` shows what there is"
    raise NotFound(f"there is no collection {name[:80]!r}{hint}", details={"nearest": near})


async def find_models(connection: Connection, organisation_id: str, names: Sequence[str]) -> list[Model]:
    """The models of these names, each once; `collection:NAME` stands for what is in the collection now.

    Raises UnknownModel, NotFound.
    """
    found: dict[str, Model] = {}
    for name in names:
        if name.startswith(PREFIX):
            held = (await find_collection(connection, organisation_id, name.removeprefix(PREFIX))).model_ids
            living = await models.models_by_ids(connection, held)
            found |= {each: living[each] for each in held if each in living}
        else:
            model = await find_model(connection, organisation_id, name)
            found[model.id] = model
    return list(found.values())
