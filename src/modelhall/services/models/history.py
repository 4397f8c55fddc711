"""What happened to one model: every change that touched it, who made it, and what was before and after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.storage import audit
from modelhall.storage.audit import AuditRow

MOST_ROWS = 5000
SYNC, DEFAULT, PRICE, UNDO = "model.sync", "model.set_default", "price.set", "model.undo"
RENEWED, RENEWED_PRICE = "model.renew", "price.renew"
"""What the house did by itself, because a provider or the catalog says something new."""
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ModelChange:
    """One change of a model."""

    id: str
    """By which it can be undone."""
    sequence: int
    at: datetime
    actor: str
    """By what door."""
    actor_id: str | None
    """The member."""
    action: str
    before: Fields | None
    """`None`: it was not in the library."""
    after: Fields | None
    undoes: str | None = None
    """The change that this one took back."""
    undone: bool = False
    """Whether a later change took this one back."""

    @property
    def removes(self) -> bool:
        """Whether the model was taken out of the library."""
        return self.before is not None and (self.after is None or self.after.get("deleted") is True)

    @property
    def differing(self) -> dict[str, object]:
        """What it changed, as it was before. Fields that only one side knows are left out."""
        before, after = self.before or {}, self.after or {}
        return {name: before[name] for name in before if name in after and before[name] != after[name]}


async def changes_of(connection: Connection, model: Model) -> list[ModelChange]:
    """Its changes, the newest first; out of the audit of the model, of its profile's syncs, and of the default."""
    found: list[ModelChange] = []
    places = (("model", model.id), ("profile", model.profile_id), ("organisation", model.organisation_id))
    for kind, object_id in places:
        wanted = audit.AuditFilter(kind, object_id)
        rows = await audit.list_audit(connection, model.organisation_id, wanted, limit=MOST_ROWS)
        found += [change for row in rows if (change := _change(row, model)) is not None]
    in_order = sorted(found, key=lambda change: change.sequence, reverse=True)
    return list(_with_undone(in_order))


def _change(row: AuditRow, model: Model) -> ModelChange | None:
    before, after = row.before, row.after
    if row.object_kind == "profile":
        if row.action != SYNC or row.at < model.created_at:
            return None
        if model.model_id in _names(after, "created"):
            before, after = None, {"active": bool((after or {}).get("active"))}
        elif model.model_id in _names(after, "activated"):
            before, after = {"active": False}, {"active": True}
        else:
            return None
    elif row.object_kind == "organisation":
        sides = ((before or {}).get("default_id"), (after or {}).get("default_id"))
        if row.action not in (DEFAULT, UNDO) or model.id not in sides:
            return None
    undoes = (row.after or {}).get("undoes")
    told = ModelChange(row.id, row.sequence, row.at, row.actor, row.actor_id, row.action, before, after)
    return replace(told, undoes=undoes) if isinstance(undoes, str) else told


def _with_undone(newest_first: Iterable[ModelChange]) -> Iterable[ModelChange]:
    """An undo that was itself undone takes nothing back any more."""
    taken_back: set[str] = set()
    for change in newest_first:
        if change.id in taken_back:
            yield replace(change, undone=True)
            continue
        if change.undoes is not None:
            taken_back.add(change.undoes)
        yield change


def _names(fields: Mapping[str, object] | None, name: str) -> list[str]:
    listed = (fields or {}).get(name)
    return cast("list[str]", listed) if isinstance(listed, list) else []
