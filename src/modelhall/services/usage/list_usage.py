"""Lists what was used: attempts with their usage and cost, and their sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from modelhall.domain.errors import UnknownModel
from modelhall.domain.ids import NIL
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.keys.find_key import find_key
from modelhall.services.models.find_model import find_model
from modelhall.services.pages import USUAL, page_of
from modelhall.services.words import id_cursor
from modelhall.storage import keys, ledger
from modelhall.storage.ledger import Attempt, Total, Which


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatUsage:
    """Which attempts; `None` = whatever."""

    since: datetime | None = None
    until: datetime | None = None
    key: str | None = None
    """An id or a name."""
    model: str | None = None
    """A public name."""


@dataclass(frozen=True, slots=True)
class UsagePage:
    """Attempts, the newest first, and the sums over all that were asked for, not only this page."""

    rows: Sequence[Attempt]
    key_names: Mapping[str, str]
    total: Total
    next: str | None


async def list_usage(
    house: House, actor: Actor, what: WhatUsage, *, before: str | None = None, limit: int = USUAL
) -> UsagePage:
    """An admin sees everybody's rows, others their own, a key without a role those of this key.

    Raises BadRequest, NotFound (key, model).
    """
    await house.catch_up()
    async with house.database.read() as connection:
        which = await _which(connection, actor, what)
        found = await ledger.page(connection, which, before=id_cursor(before), limit=limit + 1)
        page = page_of(found, limit, lambda row: row.id)
        total = await ledger.total(connection, which)
        names = await keys.key_names(connection, list({row.key_id for row in page.items if row.key_id}))
        return UsagePage(page.items, names, total, page.next)


async def _which(connection: Connection, actor: Actor, what: WhatUsage) -> Which:
    own_key = actor.key_id if actor.plain else None
    everybody = actor.role >= Role.ADMIN and not actor.plain
    if what.key is not None and own_key is None:
        own_key = (await find_key(connection, actor, what.key)).id
    model_id = None if what.model is None else await _model_id(connection, actor, what.model)
    return Which(
        organisation_id=actor.organisation_id,
        member_id=None if everybody else actor.member_id,
        key_id=own_key,
        model_id=model_id,
        since=what.since,
        until=what.until,
    )


async def _model_id(connection: Connection, actor: Actor, name: str) -> str:
    try:
        return (await find_model(connection, actor.organisation_id, name)).id
    except UnknownModel:
        if not actor.plain:
            raise
        # A key that only calls models must not learn the names of others: to it an unknown one has simply no rows.
        return NIL
