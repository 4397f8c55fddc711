"""A project as it is told: its models by name, and how many keys it has."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhall.domain.people import Project
from modelhall.services.connection import Connection
from modelhall.storage import keys, models


@dataclass(frozen=True, slots=True)
class ProjectView:
    """One project."""

    project: Project
    default: str | None
    """The public name of its default model."""
    models: tuple[str, ...] | None
    """Public names; `None` = every active model."""
    keys: int


async def project_views(connection: Connection, found: Sequence[Project]) -> list[ProjectView]:
    """These projects as they are told. Models that were removed are left out."""
    wanted = {model_id for project in found for model_id in (*(project.models or ()), project.default_model_id)}
    names: dict[str, str] = {}
    for model_id in wanted:
        model = None if model_id is None else await models.get_model(connection, model_id)
        if model is not None:
            names[model.id] = model.public_name
    counts = await keys.count_by_project(connection, [project.id for project in found])
    return [
        ProjectView(
            project,
            names.get(project.default_model_id or ""),
            None if project.models is None else tuple(names[each] for each in project.models if each in names),
            counts.get(project.id, 0),
        )
        for project in found
    ]


def told(view: ProjectView) -> dict[str, object]:
    """What the audit keeps of a project."""
    project = view.project
    return {
        "id": project.slug,
        "name": project.name,
        "default_model": view.default,
        "models": view.models,
        "parameters": dict(project.parameters),
        "notes": project.notes,
    }
