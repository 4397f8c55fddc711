"""What a person may set of a project, checked the same way when it is created and when it is edited."""

from collections.abc import Sequence

from modelhall.domain.errors import BadRequest
from modelhall.services.connection import Connection
from modelhall.services.models.find_model import find_model
from modelhall.services.words import wrong

MOST_MODELS = 1000


async def model_ids(
    connection: Connection, organisation_id: str, names: Sequence[str] | None
) -> tuple[str, ...] | None:
    """Library ids of these public names, each once. Raises BadRequest, UnknownModel."""
    if names is None:
        return None
    if len(names) > MOST_MODELS:
        raise BadRequest(f"models: at most {MOST_MODELS} names; without any, keys may call every active model")
    found = [await find_model(connection, organisation_id, name) for name in names]
    return tuple(dict.fromkeys(model.id for model in found))


async def default_id(
    connection: Connection, organisation_id: str, name: str | None, allowed: Sequence[str] | None
) -> str | None:
    """The library id of the default, which must be among the allowed. Raises BadRequest, UnknownModel."""
    if name is None:
        return None
    model = await find_model(connection, organisation_id, name)
    if allowed is not None and model.id not in allowed:
        raise wrong("default_model", f"{model.public_name} is not among the project's models; add it to them")
    return model.id
