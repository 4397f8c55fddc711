"""What a file does to a configuration, object by object: what was and will be, whose it was, who changed it last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from modelhall.services.connection import Connection
from modelhall.services.files.kinds.kind import Kind
from modelhall.services.files.kinds.registry import BY_WORD, KINDS
from modelhall.services.files.state import FieldChange, differing
from modelhall.services.files.stock import Stock
from modelhall.storage import audit, members
from modelhall.storage.audit import AuditFilter
from modelhall.storage.files import FileObject, FileStep

Action = Literal["create", "change", "delete"]
Held = Mapping[tuple[str, str], FileObject]
HIDDEN = "(hidden)"
NOBODY = "nobody"
MOST_ASKED = 500
"""Of so many objects it is told who changed them last."""


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed an object last."""

    by: str
    """A login, or the door where nobody is known: `system`, `operator`."""
    at: datetime
    action: str


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one object."""

    kind: str
    name: str
    action: Action
    fields: tuple[FieldChange, ...]
    source: str
    """Who said what is there now: `file NAME`, `person`, `environment`, `built-in`; `nobody`: it is new."""
    last: LastChange | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file does, or would do."""

    file: str
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Profiles that get a provider key out of the sealed secrets."""

    def count(self, action: Action) -> int:
        """How many objects it makes, changes, or takes away."""
        return sum(step.action == action for step in self.steps)


async def told_steps(connection: Connection, steps: Iterable[FileStep], held: Held, before: Stock) -> tuple[Step, ...]:
    """These steps with sources, and with who changed what is there now."""
    sources = {kind.word: sources_of(kind, before, held) for kind in KINDS}
    ids = {kind.word: kind.ids(before) for kind in KINDS}
    found: list[Step] = []
    for number, step in enumerate(steps):
        kind = BY_WORD[step.kind]
        source = sources[step.kind].get(step.name, NOBODY)
        action: Action = "create" if step.before is None else "delete" if step.after is None else "change"
        fields = tuple(_shown(kind, each) for each in differing(step.before, step.after))
        object_id = ids[step.kind].get(step.name) if number < MOST_ASKED else None
        last = None if object_id is None else await _last_change(connection, before, kind, object_id)
        found.append(Step(step.kind, step.name, action, () if action == "delete" else fields, source, last))
    return tuple(found)


def sources_of(kind: Kind, stock: Stock, held: Held) -> dict[str, str]:
    """By name, who says each object of this kind: a file, a person, the environment, or the house."""
    origins = {profile.slug: profile.origin for profile in stock.profiles}
    custom = {model.public_name for model in stock.models if model.custom}
    found: dict[str, str] = {}
    for name in kind.ids(stock):
        one = held.get((kind.word, name))
        by_profile = kind.word == "profile" or (kind.word == "model" and name not in custom)
        origin = origins.get(name.partition("/")[0], "person") if by_profile else "person"
        found[name] = origin if one is None else f"file {one.file}"
    return found


async def _last_change(connection: Connection, stock: Stock, kind: Kind, object_id: str) -> LastChange | None:
    rows = await audit.list_audit(
        connection,
        stock.organisation.id if stock.organisation else "",
        AuditFilter(kind=kind.word, object_id=object_id),
        limit=1,
    )
    if not rows:
        return None
    member = None if rows[0].actor_id is None else await members.get_member(connection, rows[0].actor_id)
    return LastChange(rows[0].actor if member is None else member.handle, rows[0].at, rows[0].action)


def _shown(kind: Kind, change: FieldChange) -> FieldChange:
    if change.field not in kind.hidden:
        return change
    return FieldChange(change.field, *(None if each is None else _names(each) for each in (change.old, change.new)))


def _names(value: Mapping[str, object]) -> dict[str, str]:
    return dict.fromkeys(value, HIDDEN)
