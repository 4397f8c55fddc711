"""Shows one project."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.projects.find_project import find_project
from modelhall.services.projects.project_view import ProjectView, project_views
from modelhall.services.rights import require


async def show_project(house: House, actor: Actor, slug: str) -> ProjectView:
    """The project of that id. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        (view,) = await project_views(connection, [await find_project(connection, actor.organisation_id, slug)])
        return view
