"""What configuration files did: the applies with what each changed, and what a file says of which object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.storage.rows import Row, must_hit_one, now
from modelhall.storage.tables.files import file_applies, file_objects

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FileObject:
    """What a file said of one object when it was applied last."""

    kind: str
    name: str
    file: str
    made: bool
    """Whether it was not there before the file was applied."""
    said: Fields


@dataclass(frozen=True, slots=True)
class FileStep:
    """What an apply made of one object; `None`: it was not there."""

    kind: str
    name: str
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True, slots=True)
class FileApply:
    """One apply."""

    id: str
    file: str
    actor_id: str | None
    at: datetime
    steps: tuple[FileStep, ...]
    said_before: tuple[tuple[str, str, FileObject | None], ...]
    """Of each object whose file changed with it: kind, name, and what a file had said until then."""


async def insert_apply(
    connection: AsyncConnection,
    organisation_id: str,
    file: str,
    actor_id: str | None,
    steps: Sequence[FileStep],
    said_before: Sequence[tuple[str, str, FileObject | None]],
) -> FileApply:
    """Write down an apply."""
    apply = FileApply(new_id(), file, actor_id, now(), tuple(steps), tuple(said_before))
    values = {
        "id": apply.id,
        "organisation_id": organisation_id,
        "file": file,
        "actor_id": actor_id,
        "at": apply.at,
        "steps": [{"kind": s.kind, "name": s.name, "before": s.before, "after": s.after} for s in steps],
        "said_before": [
            {"kind": kind, "name": name, "said": None if one is None else _values(one)}
            for kind, name, one in said_before
        ],
    }
    await connection.execute(file_applies.insert().values(values))
    return apply


async def last_apply(connection: AsyncConnection, organisation_id: str) -> FileApply | None:
    """The newest apply that was not undone."""
    theirs = (file_applies.c.organisation_id == organisation_id) & file_applies.c.undone_at.is_(None)
    newest = sa.select(file_applies).where(theirs).order_by(file_applies.c.id.desc()).limit(1)
    row = (await connection.execute(newest)).one_or_none()
    return None if row is None else _apply_of(row)


async def mark_undone(connection: AsyncConnection, apply_id: str) -> None:
    """Note that it was undone. Raises NotFound."""
    change = sa.update(file_applies).where(file_applies.c.id == apply_id, file_applies.c.undone_at.is_(None))
    await must_hit_one(connection, change.values(undone_at=now()), "apply")


async def list_file_objects(connection: AsyncConnection, organisation_id: str) -> Sequence[FileObject]:
    """All objects that a file says."""
    theirs = sa.select(file_objects).where(file_objects.c.organisation_id == organisation_id)
    rows = await connection.execute(theirs.order_by(file_objects.c.kind, file_objects.c.name))
    return [FileObject(row.kind, row.name, row.file, row.made, row.said) for row in rows]


async def set_file_object(
    connection: AsyncConnection, organisation_id: str, kind: str, name: str, one: FileObject | None
) -> None:
    """Have the file say this of the object; `None`: no file says it any more."""
    theirs = (file_objects.c.organisation_id == organisation_id) & (file_objects.c.kind == kind)
    await connection.execute(sa.delete(file_objects).where(theirs, file_objects.c.name == name))
    if one is not None:
        await connection.execute(file_objects.insert().values(organisation_id=organisation_id, **_values(one)))


def _values(one: FileObject) -> dict[str, Any]:
    return {"kind": one.kind, "name": one.name, "file": one.file, "made": one.made, "said": dict(one.said)}


def _apply_of(row: Row) -> FileApply:
    steps = tuple(FileStep(**step) for step in row.steps)
    before = tuple(
        (each["kind"], each["name"], None if each["said"] is None else FileObject(**each["said"]))
        for each in row.said_before
    )
    return FileApply(row.id, row.file, row.actor_id, row.at, steps, before)
