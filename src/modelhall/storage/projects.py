"""Projects: what groups keys and their spending."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.ids import new_id
from modelhall.domain.people import Project
from modelhall.storage.rows import PAGE, Row, after_id, must_hit_one, now
from modelhall.storage.tables.people import projects

LIVING = sa.select(
    projects.c.id, projects.c.organisation_id, projects.c.slug, projects.c.name, projects.c.default_model_id
).where(projects.c.deleted_at.is_(None))


async def insert_project(connection: AsyncConnection, *, organisation_id: str, slug: str, name: str) -> Project:
    """A new project. The transaction's end raises AlreadyExists when the slug is taken."""
    project = Project(new_id(), organisation_id, slug, name, None)
    values = {"id": project.id, "organisation_id": organisation_id, "slug": slug, "name": name}
    await connection.execute(projects.insert().values(**values, created_at=now()))
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


async def update_project(connection: AsyncConnection, project: Project) -> None:
    """Write its name and default model. Raises NotFound."""
    change = sa.update(projects).where(projects.c.id == project.id, projects.c.deleted_at.is_(None))
    values = {"name": project.name, "default_model_id": project.default_model_id}
    await must_hit_one(connection, change.values(values), "project")


async def delete_project(connection: AsyncConnection, project_id: str) -> None:
    """Delete it; the row stays for the ledger's sake. Raises NotFound."""
    change = sa.update(projects).where(projects.c.id == project_id, projects.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=now()), "project")


def project_of(row: Row) -> Project:
    """From a row of LIVING."""
    return Project(row.id, row.organisation_id, row.slug, row.name, row.default_model_id)


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Project | None:
    row = (await connection.execute(LIVING.where(condition))).one_or_none()
    return None if row is None else project_of(row)
