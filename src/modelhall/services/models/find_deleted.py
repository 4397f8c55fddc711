"""Finds a deleted model by its name, or by its number where several had the same name."""

from modelhall.domain.errors import NotFound
from modelhall.services.connection import Connection
from modelhall.storage import models
from modelhall.storage.models import Gone


async def find_deleted(connection: Connection, organisation_id: str, name: str) -> Gone:
    """The deleted model of that number, else the one of that name that came last. Raises NotFound."""
    if name.isdecimal() and len(name) < 10:
        found = await models.deleted_models(connection, organisation_id, number=int(name), limit=1)
    else:
        profile, _, model_id = name.partition("/")
        found = await models.deleted_models(connection, organisation_id, name=(profile, model_id), limit=1)
    if not found:
        raise NotFound(f"there is no deleted model {name[:120]!r}; `modelhall model deleted` shows what there is")
    return found[0]
