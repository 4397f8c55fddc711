"""A key as it is told: never the key itself, but its owner, its models by name, and how its budget stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhall.domain.people import Key
from modelhall.services.connection import Connection
from modelhall.storage import keys, members, models
from modelhall.storage.keys import Total


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key."""

    key: Key
    owner: str
    """The login of the member it belongs to."""
    models: tuple[str, ...] | None
    """Public names; `None` = every active model."""
    budget: Total | None


async def key_views(connection: Connection, found: Sequence[Key]) -> list[KeyView]:
    """These keys as they are told."""
    totals = await keys.totals(connection, [key.id for key in found])
    owners: dict[str, str] = {}
    for member_id in {key.member_id for key in found}:
        member = await members.get_member(connection, member_id)
        owners[member_id] = member.login if member else ""
    names: dict[str, str] = {}
    for model_id in {model_id for key in found for model_id in key.models or ()}:
        model = await models.get_model(connection, model_id)
        if model is not None:
            names[model_id] = model.public_name
    return [
        KeyView(
            key,
            owners[key.member_id],
            None if key.models is None else tuple(names[each] for each in key.models if each in names),
            totals.get(key.id),
        )
        for key in found
    ]
