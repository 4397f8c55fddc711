"""Projects on the wire."""

from typing import Annotated, Any, cast

from pydantic import Field

from modelhall.api.shapes.base import Body, PageShape, Shape, Text
from modelhall.api.shapes.stored_values import GivenValues, StoredValues
from modelhall.services.pages import Page
from modelhall.services.projects.create_project import NewProject
from modelhall.services.projects.edit_project import ProjectEdit
from modelhall.services.projects.project_view import ProjectView

Models = Annotated[
    list[Text] | None, Field(description="What its keys may call at most. Null: every active model. Empty: none.")
]


class ProjectCreate(Body):
    """A project to create."""

    id: Text
    name: Text | None = None
    default_model: Annotated[Text | None, Field(description="Answers when a call of its keys names none.")] = None
    models: Models = None
    parameters: GivenValues = {}
    notes: Text | None = None

    def wanted(self) -> NewProject:
        """As the service knows it."""
        return NewProject(
            id=self.id,
            name=self.name,
            default_model=self.default_model,
            models=self.models,
            parameters=self.parameters,
            notes=self.notes,
        )


class ProjectPatch(Body):
    """What is to change; an absent field stays, null empties it."""

    name: Text = ""
    default_model: Text | None = None
    models: Models = None
    parameters: GivenValues = {}
    notes: Text | None = None

    def edit(self) -> ProjectEdit:
        """As the service knows it: only what was sent."""
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        return ProjectEdit(**sent)


class ProjectShape(Shape):
    """A project."""

    id: str
    name: str
    default_model: str | None
    models: list[str] | None
    parameters: StoredValues
    notes: str | None
    keys: int
    revision: int


class ProjectPage(PageShape):
    """A page of projects."""

    items: list[ProjectShape]


def project_of(view: ProjectView) -> ProjectShape:
    """A project as it goes out."""
    project = view.project
    return ProjectShape(
        id=project.slug,
        name=project.name,
        default_model=view.default,
        models=None if view.models is None else list(view.models),
        parameters=cast("StoredValues", dict(project.parameters)),
        notes=project.notes,
        keys=view.keys,
        revision=project.revision,
    )


def project_page(page: Page[ProjectView]) -> ProjectPage:
    """A page as it goes out."""
    return ProjectPage(items=[project_of(view) for view in page.items], next=page.next)
