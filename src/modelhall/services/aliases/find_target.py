"""Finds the model that an alias is to lead to, by any name but another alias."""

from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.services.models.find_model import find_model
from modelhall.storage import models


async def find_target(connection: Connection, organisation_id: str, name: str) -> Model:
    """The living model `profile/model-id`, or the first in the order of the profiles that its provider calls so.

    Raises UnknownModel with the nearest names.
    """
    profile, _, model_id = name.partition("/")
    named = await models.model_by_name(connection, organisation_id, profile, model_id)
    if named is not None:
        return named
    bare = await models.models_by_bare_id(connection, organisation_id, [name])
    return bare[0] if bare else await find_model(connection, organisation_id, name)
