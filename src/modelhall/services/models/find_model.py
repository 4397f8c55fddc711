"""Finds a model of the library by the name that always means it."""

from difflib import get_close_matches

from modelhall.domain.errors import UnknownModel
from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.storage import models

MOST_COMPARED = 2000


async def find_model(connection: Connection, organisation_id: str, name: str) -> Model:
    """The organisation's living model `profile/model-id`. Raises UnknownModel with the nearest names."""
    profile, _, model_id = name.partition("/")
    model = await models.model_by_name(connection, organisation_id, profile, model_id)
    if model is not None:
        return model
    others = await models.list_models(connection, organisation_id, limit=MOST_COMPARED)
    names = [each.public_name for each in others]
    bare = [each.public_name for each in others if each.model_id == name]
    near = bare[:3] or get_close_matches(name[:200], names, n=3, cutoff=0.4)
    hint = f"the nearest names are {', '.join(near)}" if near else "`modelhall model list` shows what there is"
    raise UnknownModel(f"there is no model {name[:120]!r}; {hint}", details={"nearest": near})
