"""Deletes a project that no key belongs to any more."""

from modelhall.domain.errors import Conflict
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.projects.find_project import find_project
from modelhall.services.projects.project_view import project_views, told
from modelhall.services.rights import require
from modelhall.storage import keys, projects

MOST_NAMED = 100


async def delete_project(house: House, actor: Actor, slug: str, *, if_revision: int | None = None) -> None:
    """Delete it; what was used in it stays in the ledger. Raises RoleTooLow, NotFound, Stale, Conflict."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        project = await find_project(change.connection, actor.organisation_id, slug, if_revision=if_revision)
        (view,) = await project_views(change.connection, [project])
        theirs = await keys.names_in_project(change.connection, project.id)
        if theirs:
            raise Conflict(
                f"project {slug} has keys: {', '.join(theirs[:5])}; delete them first: `modelhall key delete KEY`",
                details={"reason": "in_use", "uses": [{"kind": "key", "name": name} for name in theirs[:MOST_NAMED]]},
            )
        await projects.delete_project(change.connection, project.id)
        await change.audit("project.delete", "project", project.id, project.slug, before=told(view))
