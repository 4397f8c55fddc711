"""Finds a project by its id."""

from difflib import get_close_matches

from modelhall.domain.errors import NotFound, Stale
from modelhall.domain.people import Project
from modelhall.services.connection import Connection
from modelhall.storage import projects

EVERY = 10_000


async def find_project(
    connection: Connection, organisation_id: str, slug: str, *, if_revision: int | None = None
) -> Project:
    """The organisation's living project. Raises NotFound with the nearest ids, Stale when it has another revision."""
    project = await projects.project_by_slug(connection, organisation_id, slug)
    if project is None:
        slugs = [each.slug for each in await projects.list_projects(connection, organisation_id, limit=EVERY)]
        near = get_close_matches(slug[:100], slugs, n=3, cutoff=0.4)
        hint = f"; there is {', '.join(near)}" if near else "; `modelhall project list` shows what there is"
        raise NotFound(f"there is no project {slug[:80]!r}{hint}", details={"nearest": near})
    if if_revision is not None and project.revision != if_revision:
        raise Stale(f"project {slug} was changed since you read it; read it again, then change it")
    return project
