"""Projects: what groups keys, with what these may call and what their calls are sent with."""

from collections.abc import Mapping
from typing import Any

from modelhall.services.files.kinds.kind import Fields, Kind, Task, Work, changed, values_edit
from modelhall.services.files.kinds.policy import demand, policy_fields, with_normal_policy
from modelhall.services.files.stock import Stock
from modelhall.services.policies.scope import Scope
from modelhall.services.projects.create_project import NewProject, create_project
from modelhall.services.projects.delete_project import delete_project
from modelhall.services.projects.edit_project import ProjectEdit, edit_project

EDITED = ("name", "default_model", "models", "notes")


def _read(stock: Stock) -> Mapping[str, Fields]:
    found: dict[str, Fields] = {}
    for project in sorted(stock.projects, key=lambda each: each.slug):
        told: dict[str, Any] = {
            "name": project.name,
            "default_model": stock.public.get(project.default_model_id or ""),
            "models": None if project.models is None else stock.names(project.models),
            "notes": project.notes,
            "parameters": dict(project.parameters) or None,
            "policy": policy_fields(project.policy),
        }
        found[project.slug] = {name: value for name, value in told.items() if value is not None}
    return found


async def _write(work: Work, task: Task) -> None:
    if task.old is None:
        fields = {name: task.new[name] for name in (*EDITED, "parameters") if name in task.new}
        await create_project(work.house, work.actor, NewProject(id=task.name, **fields))
        return
    edits = {name: task.edit(name) for name in EDITED} | {"parameters": values_edit(task)}
    if edits := changed(**edits):
        await edit_project(work.house, work.actor, task.name, ProjectEdit(**edits))


async def _finish(work: Work, task: Task) -> None:
    """Its policy may only demand more than the organisation's, which is there by now."""
    await demand(work, task, Scope("project", task.name))


async def _remove(work: Work, name: str) -> None:
    await delete_project(work.house, work.actor, name)


PROJECT = Kind(
    word="project",
    key="id",
    read=_read,
    ids=lambda stock: {project.slug: project.id for project in stock.projects},
    write=_write,
    finish=_finish,
    remove=_remove,
    normal=with_normal_policy,
    defaults={"default_model": None, "models": None, "notes": None, "parameters": {}, "policy": {}},
)
