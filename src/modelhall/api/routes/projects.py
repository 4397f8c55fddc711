"""Projects: what groups keys, with models and parameters of their own."""

from fastapi import APIRouter, Response

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, IfMatch, Limit, tag
from modelhall.api.policy import policy
from modelhall.api.shapes.projects import (
    ProjectCreate,
    ProjectPage,
    ProjectPatch,
    ProjectShape,
    project_of,
    project_page,
)
from modelhall.services.projects.create_project import create_project
from modelhall.services.projects.delete_project import delete_project
from modelhall.services.projects.edit_project import edit_project
from modelhall.services.projects.list_projects import list_projects
from modelhall.services.projects.show_project import show_project

router = APIRouter(tags=["projects"], route_class=OnceRoute)


@router.get("/projects", summary="List projects", **policy("viewer"))
async def listed(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> ProjectPage:
    """The oldest first."""
    return project_page(await list_projects(house, actor, after=after, limit=limit))


@router.post("/projects", summary="Create a project", status_code=201, **policy("admin", audit="project.create"))
async def created(house: Here, actor: Acting, response: Response, body: ProjectCreate) -> ProjectShape:
    """Keys are made in it with `project` in their own request."""
    view = await create_project(house, actor, body.wanted())
    tag(response, view.project.revision)
    return project_of(view)


@router.get("/projects/{id}", summary="Show a project", **policy("viewer"))
async def shown(house: Here, actor: Acting, response: Response, id: str) -> ProjectShape:
    """With its models by name."""
    view = await show_project(house, actor, id)
    tag(response, view.project.revision)
    return project_of(view)


@router.patch("/projects/{id}", summary="Edit a project", **policy("admin", audit="project.edit"))
async def edited(
    house: Here, actor: Acting, response: Response, id: str, body: ProjectPatch, revision: IfMatch
) -> ProjectShape:
    """An absent field stays; of the parameters only those that are named change."""
    view = await edit_project(house, actor, id, body.edit(), if_revision=revision)
    tag(response, view.project.revision)
    return project_of(view)


@router.delete("/projects/{id}", summary="Delete a project", status_code=204, **policy("admin", audit="project.delete"))
async def deleted(house: Here, actor: Acting, id: str, revision: IfMatch) -> None:
    """Not while keys belong to it; what was used in it stays in the ledger."""
    await delete_project(house, actor, id, if_revision=revision)
