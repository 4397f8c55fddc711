"""Lists projects."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.pages import USUAL, Page, page_of
from modelhall.services.projects.project_view import ProjectView, project_views
from modelhall.services.rights import require
from modelhall.services.words import id_cursor
from modelhall.storage import projects


async def list_projects(
    house: House, actor: Actor, *, after: str | None = None, limit: int = USUAL
) -> Page[ProjectView]:
    """A page of living projects, the oldest first. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        found = await projects.list_projects(connection, actor.organisation_id, after=id_cursor(after), limit=limit + 1)
        page = page_of(found, limit, lambda project: project.id)
        return Page(await project_views(connection, page.items), page.next)
