"""Creates a project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.projects.project_view import ProjectView, project_views, told
from modelhall.services.projects.project_words import default_id, model_ids
from modelhall.services.rights import require
from modelhall.services.stored_values import merged_values
from modelhall.services.words import line, lines, slug
from modelhall.storage import projects
from modelhall.storage.projects import ProjectDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """What the project is to be."""

    id: str
    name: str | None = None
    default_model: str | None = None
    models: Sequence[str] | None = None
    """Public names that its keys may call at most; `None` = every active model, empty = none."""
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    notes: str | None = None


async def create_project(house: House, actor: Actor, wanted: NewProject) -> ProjectView:
    """The new project. Raises RoleTooLow, BadRequest, UnknownModel, AlreadyExists."""
    require(actor, Role.ADMIN)
    wish = slug(wanted.id, "id")
    async with house.database.change(actor) as change:
        allowed = await model_ids(change.connection, actor.organisation_id, wanted.models)
        draft = ProjectDraft(
            organisation_id=actor.organisation_id,
            slug=wish,
            name=wish if wanted.name is None else line(wanted.name, "name"),
            default_model_id=await default_id(change.connection, actor.organisation_id, wanted.default_model, allowed),
            models=allowed,
            parameters=merged_values({}, wanted.parameters, "parameters"),
            notes=lines(wanted.notes, "notes"),
        )
        project = await projects.insert_project(change.connection, draft)
        (view,) = await project_views(change.connection, [project])
        await change.audit("project.create", "project", project.id, project.slug, after=told(view))
    return view
