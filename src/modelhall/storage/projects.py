"""Projects: what groups keys and their spending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.people import Project
from modelhall.storage.policies import policy_in, policy_out
from modelhall.storage.rows import PAGE, Row, after_id, must_be_current, must_hit_one, now
from modelhall.storage.tables.people import projects

LIVING = sa.select(projects).where(projects.c.deleted_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDraft:
    """What a new project is to be."""

    organisation_id: str
    slug: str
    name: str
    default_model_id: str | None = None
    models: tuple[str, ...] | None = None
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    notes: str | None = None


async def insert_project(connection: AsyncConnection, draft: ProjectDraft) -> Project:
    """A new project. The transaction's end raises AlreadyExists when the slug is taken."""
    project = Project(
        id=new_id(),
        organisation_id=draft.organisation_id,
        slug=draft.slug,
        name=draft.name,
        default_model_id=draft.default_model_id,
        models=draft.models,
        parameters=dict(draft.parameters),
        notes=draft.notes,
    )
    fixed = {"id": project.id, "organisation_id": project.organisation_id, "slug": project.slug, "created_at": now()}
    await connection.execute(projects.insert().values(**fixed, **_changeable(project), revision=project.revision))
    return project


async def get_project(connection: AsyncConnection, project_id: str) -> Project | None:
    """The living project of that id."""
    return await _one(connection, projects.c.id == project_id)


async def project_by_slug(connection: AsyncConnection, organisation_id: str, slug: str) -> Project | None:
    """The organisation's living project of that slug."""
    return await _one(connection, (projects.c.organisation_id == organisation_id) & (projects.c.slug == slug))


async def list_projects(
    connection: AsyncConnection, organisation_id: str, *, after: str | None = None, limit: int = PAGE
) -> Sequence[Project]:
    """A page of the organisation's living projects, the oldest first."""
    theirs = LIVING.where(projects.c.organisation_id == organisation_id)
    return [project_of(row) for row in await connection.execute(after_id(theirs, projects.c.id, after, limit))]


async def update_project(connection: AsyncConnection, project: Project) -> Project:
    """Write all but id, slug and organisation, if its revision is still the stored one. Raises Stale."""
    current = (
        (projects.c.id == project.id) & (projects.c.revision == project.revision) & projects.c.deleted_at.is_(None)
    )
    written = replace(project, revision=project.revision + 1)
    values = {**_changeable(written), "revision": written.revision}
    await must_be_current(connection, sa.update(projects).where(current).values(values), "project")
    return written


async def delete_project(connection: AsyncConnection, project_id: str) -> None:
    """Delete it; the row stays for the ledger's sake. Raises NotFound."""
    change = sa.update(projects).where(projects.c.id == project_id, projects.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=now()), "project")


def project_of(row: Row) -> Project:
    """From a row of LIVING."""
    return Project(
        id=row.id,
        organisation_id=row.organisation_id,
        slug=row.slug,
        name=row.name,
        default_model_id=row.default_model_id,
        models=None if row.models is None else tuple(row.models),
        parameters=row.parameters or {},
        notes=row.notes,
        revision=row.revision,
        policy=policy_in(row.policy),
    )


def _changeable(project: Project) -> dict[str, object]:
    return {
        "name": project.name,
        "default_model_id": project.default_model_id,
        "models": None if project.models is None else list(project.models),
        "parameters": dict(project.parameters) or None,
        "notes": project.notes,
        "policy": policy_out(project.policy),
    }


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Project | None:
    row = (await connection.execute(LIVING.where(condition))).one_or_none()
    return None if row is None else project_of(row)
