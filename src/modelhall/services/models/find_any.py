"""Finds a model by its name, whether it lives or was deleted."""

from modelhall.domain.errors import NotFound
from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.services.models.find_deleted import find_deleted
from modelhall.services.models.find_model import find_model
from modelhall.storage import models
from modelhall.storage.models import Gone


async def find_any(connection: Connection, organisation_id: str, name: str) -> Model | Gone:
    """The living model `profile/model-id`, else the deleted one of that name or number. Raises UnknownModel."""
    profile, _, model_id = name.partition("/")
    living = await models.model_by_name(connection, organisation_id, profile, model_id)
    if living is not None:
        return living
    try:
        return await find_deleted(connection, organisation_id, name)
    except NotFound:
        return await find_model(connection, organisation_id, name)
