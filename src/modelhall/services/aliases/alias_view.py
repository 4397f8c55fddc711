"""An alias as it is told: its targets in order, which of them can never be used and why, and what its name hides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from modelhall.domain.ceilings import may_fall_back
from modelhall.domain.library import Alias, Model
from modelhall.domain.prices import PriceSheet
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.model_view import price_now
from modelhall.storage import models, prices

REVISIONS = 10**9


@dataclass(frozen=True, slots=True)
class AliasTarget:
    """One model that an alias leads to."""

    model: Model
    price: PriceSheet | None
    """In force now; `None` = unknown."""
    unreachable: str | None
    """Why no call goes there as things are, in plain words; `None`: calls may go there."""


@dataclass(frozen=True, slots=True)
class AliasView:
    """One alias."""

    alias: Alias
    targets: tuple[AliasTarget, ...]
    """In their order; a model that was taken out of the library is no longer among them."""
    shadows: tuple[str, ...]
    """Public names of models that their providers call by this name: it no longer means them."""

    @property
    def revision(self) -> int:
        """A number that is another one when the alias says something else."""
        ceiling = self.alias.ceiling_usd_per_mtok
        said = "\n".join((self.alias.id, "" if ceiling is None else format(ceiling, "f"), *self.alias.model_ids))
        return int.from_bytes(sha256(said.encode()).digest()[:8], "big") % REVISIONS


async def alias_views(
    house: House, connection: Connection, organisation_id: str, found: Sequence[Alias]
) -> list[AliasView]:
    """These aliases as they are told."""
    wanted = {model_id for alias in found for model_id in alias.model_ids}
    led_to = await models.models_by_ids(connection, wanted)
    sheets = await prices.current_sheets(connection, house.clock(), list(wanted))
    now = {each.id: price_now(house, each, sheets.get(each.id, ())) for each in led_to.values()}
    hidden = await models.models_by_bare_id(connection, organisation_id, [alias.name for alias in found])
    return [
        AliasView(
            alias,
            _targets(alias, [led_to[each] for each in alias.model_ids if each in led_to], now),
            tuple(model.public_name for model in hidden if model.model_id == alias.name),
        )
        for alias in found
    ]


def told(view: AliasView) -> dict[str, object]:
    """What the audit keeps of an alias."""
    return {
        "name": view.alias.name,
        "models": [target.model.public_name for target in view.targets],
        "ceiling_usd_per_mtok": view.alias.ceiling_usd_per_mtok,
    }


def _targets(alias: Alias, led_to: Sequence[Model], now: Mapping[str, PriceSheet | None]) -> tuple[AliasTarget, ...]:
    return tuple(
        AliasTarget(model, now[model.id], _state(model) or (_price(alias, model, led_to[0], now) if number else None))
        for number, model in enumerate(led_to)
    )


def _state(model: Model) -> str | None:
    if model.quarantined_because is not None:
        return f"it is held back: {model.quarantined_because}"
    return None if model.active else "it is not active"


def _price(alias: Alias, model: Model, first: Model, now: Mapping[str, PriceSheet | None]) -> str | None:
    return may_fall_back(now[model.id], now[first.id], alias.ceiling_usd_per_mtok)
