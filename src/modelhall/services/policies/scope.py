"""Whose policy is meant: the organisation's, a project's or a key's; with those above it."""

from dataclasses import dataclass
from typing import Literal

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Key, Organisation, Project, Role
from modelhall.domain.policies import NOTHING, Policy
from modelhall.services.connection import Connection
from modelhall.services.keys.find_key import find_key
from modelhall.services.projects.find_project import find_project
from modelhall.services.rights import require
from modelhall.storage import organisations, projects

Kind = Literal["organisation", "project", "key"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose policy; a key by id or name, a project by its id."""

    kind: Kind = "organisation"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What has the policy, and the policies above it, the organisation's first."""

    owner: Organisation | Project | Key
    parents: tuple[tuple[str, Policy], ...]
    whose: str

    @property
    def layers(self) -> tuple[tuple[str, Policy], ...]:
        """All policies that hold there, with whose they are."""
        return (*self.parents, (self.whose, self.owner.policy))


def together(layers: tuple[tuple[str, Policy], ...]) -> Policy:
    """What all of them together demand."""
    policy = NOTHING
    for _, each in layers:
        policy = policy.meet(each)
    return policy


async def find_scope(connection: Connection, actor: Actor, scope: Scope) -> Found:
    """What has the policy. Raises RoleTooLow, NotFound."""
    require(actor, Role.MEMBER if scope.kind == "key" else Role.VIEWER)
    organisation = await organisations.get_organisation(connection, actor.organisation_id)
    if organisation is None:
        raise NotFound("there is no such organisation")
    top = ("the organisation", organisation.policy)
    if scope.kind == "organisation":
        return Found(organisation, (), top[0])
    if scope.kind == "project":
        project = await find_project(connection, actor.organisation_id, scope.name)
        return Found(project, (top,), f"project {project.slug}")
    key = await find_key(connection, actor, scope.name)
    project = await projects.get_project(connection, key.project_id) if key.project_id else None
    parents = (top,) if project is None else (top, (f"project {project.slug}", project.policy))
    return Found(key, parents, f"key {key.name}")
