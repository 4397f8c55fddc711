"""Edits a project; its id stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep, kept
from modelhall.services.projects.find_project import find_project
from modelhall.services.projects.project_view import ProjectView, project_views, told
from modelhall.services.projects.project_words import default_id, model_ids
from modelhall.services.rights import require
from modelhall.services.stored_values import merged_values
from modelhall.services.words import line, lines, wrong
from modelhall.storage import projects


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEdit:
    """What is to change; `None` empties a field, KEEP leaves it."""

    name: str | Keep = KEEP
    default_model: str | None | Keep = KEEP
    models: Sequence[str] | None | Keep = KEEP
    parameters: Mapping[str, object] | Keep = KEEP
    """Those that are named change; null takes one away."""
    notes: str | None | Keep = KEEP


async def edit_project(
    house: House, actor: Actor, slug: str, edit: ProjectEdit, *, if_revision: int | None = None
) -> ProjectView:
    """The project as it is then. Raises RoleTooLow, NotFound, Stale, BadRequest, UnknownModel."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        connection, organisation_id = change.connection, actor.organisation_id
        old = await find_project(connection, organisation_id, slug, if_revision=if_revision)
        (before,) = await project_views(connection, [old])
        allowed = old.models
        if not isinstance(edit.models, Keep):
            allowed = await model_ids(connection, organisation_id, edit.models)
        default = old.default_model_id
        if not isinstance(edit.default_model, Keep):
            default = await default_id(connection, organisation_id, edit.default_model, allowed)
        elif default is not None and allowed is not None and default not in allowed:
            raise wrong("models", "the project's default is not among them; keep it, or set another default")
        new = replace(
            old,
            name=old.name if isinstance(edit.name, Keep) else line(edit.name, "name"),
            default_model_id=default,
            models=allowed,
            parameters=merged_values(old.parameters, kept(edit.parameters, {}), "parameters"),
            notes=lines(kept(edit.notes, old.notes), "notes"),
        )
        new = await projects.update_project(connection, new)
        (view,) = await project_views(connection, [new])
        await change.audit("project.edit", "project", new.id, new.slug, before=told(before), after=told(view))
    return view
