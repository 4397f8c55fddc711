"""Shows a model as it was at a former moment: its history, rolled back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from modelhall.domain.errors import BadRequest
from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.domain.prices import PriceSheet
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.default_model import default_id
from modelhall.services.models.find_any import find_any
from modelhall.services.models.history import ModelChange, changes_of
from modelhall.services.models.model_view import price_now, told
from modelhall.services.rights import require
from modelhall.storage import models, prices, tags
from modelhall.storage.models import Gone


@dataclass(frozen=True, slots=True)
class State:
    """One model at one moment."""

    model: str
    """Its public name."""
    at: datetime
    synced: bool
    """Whether it was in the library."""
    default: bool
    fields: Mapping[str, object]
    """What people set and what was known of it, as the history names it."""
    successor: str | None
    price: PriceSheet | None
    """In force then; `None` = unknown."""
    changes_since: int


async def show_state(house: House, actor: Actor, name: str, at: datetime) -> State:
    """A living or deleted model at a moment (aware). Raises RoleTooLow, UnknownModel, BadRequest (a moment to come)."""
    require(actor, Role.MEMBER)
    if at > house.clock():
        raise BadRequest("at: a moment that has been")
    async with house.database.read() as connection:
        found = await find_any(connection, actor.organisation_id, name)
        model = found.model if isinstance(found, Gone) else found
        since = [change for change in await changes_of(connection, model) if change.at > at]
        past = await _now(connection, found)
        past.roll_back(since)
        after_id = past.fields["successor_id"]
        after = await models.models_by_ids(connection, [after_id] if isinstance(after_id, str) else [])
        sheets = [each for each in await prices.all_sheets(connection, model.id) if each.valid_from <= at]
    return State(
        model.public_name,
        at,
        past.synced,
        past.default,
        {name: value for name, value in past.fields.items() if name != "successor_id"},
        next((each.public_name for each in after.values()), None),
        price_now(house, model, sheets),
        len(since),
    )


@dataclass(slots=True)
class _Past:
    model: Model
    synced: bool
    default: bool
    fields: dict[str, object]

    def roll_back(self, newest_first: Sequence[ModelChange]) -> None:
        """Take these changes back, one after the other."""
        for change in newest_first:
            before, after = change.before, change.after or {}
            if "default_id" in after:
                self.default = (before or {}).get("default_id") == self.model.id
            elif "sheet_id" not in after:
                self.synced = before is not None
                known = {name: value for name, value in (before or {}).items() if name in self.fields}
                self.fields |= known


async def _now(connection: Connection, found: Model | Gone) -> _Past:
    model = found.model if isinstance(found, Gone) else found
    carried = (await tags.tags_of_models(connection, [model.id])).get(model.id, ())
    default = await default_id(connection, model.organisation_id) == model.id
    return _Past(model, not isinstance(found, Gone), default, told(model) | {"tags": list(carried)})
