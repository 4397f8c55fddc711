"""Collections and what people store for themselves, on the wire."""

from typing import Annotated, Any

from pydantic import Field, StrictFloat, StrictInt

from modelhall.api.shapes.base import Body, PageShape, Shape, Text
from modelhall.services.collections.collection_view import CollectionView
from modelhall.services.collections.set_collection import CollectionSet
from modelhall.services.pages import Page
from modelhall.services.preferences.preferences import Preferences


class CollectionBody(Body):
    """All that a collection is to hold."""

    models: Annotated[list[Text], Field(description="`profile/model-id`, or `collection:NAME`; in this order.")]


class CollectionShape(Shape):
    """A collection."""

    name: str
    models: list[str]


class CollectionSetShape(CollectionShape):
    """A collection as it is now, and as it was."""

    before: Annotated[CollectionShape | None, Field(description="null: there was none of that name.")]


class CollectionPage(PageShape):
    """A page of collections."""

    items: list[CollectionShape]


class PreferencesPatch(Body):
    """What is to change; an absent field stays, null takes it away."""

    default_model: Annotated[Text | None, Field(description="`profile/model-id`.")] = None
    model_parameters: Annotated[
        dict[str, StrictInt | StrictFloat | None],
        Field(description="temperature, top_p, max_tokens, the penalties; null takes one away."),
    ] = {}

    def sent(self) -> dict[str, Any]:
        """Only what was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class PreferencesShape(Shape):
    """What a member stored."""

    default_model: str | None
    model_parameters: dict[str, int | float]


def collection_of(view: CollectionView) -> CollectionShape:
    """As it goes out."""
    return CollectionShape(name=view.collection.name, models=list(view.models))


def collection_set_of(done: CollectionSet) -> CollectionSetShape:
    """As it goes out."""
    before = None if done.before is None else collection_of(done.before)
    return CollectionSetShape(name=done.view.collection.name, models=list(done.view.models), before=before)


def collection_page(page: Page[CollectionView]) -> CollectionPage:
    """As it goes out."""
    return CollectionPage(items=[collection_of(view) for view in page.items], next=page.next)


def preferences_of(stored: Preferences) -> PreferencesShape:
    """As it goes out."""
    return PreferencesShape(default_model=stored.default_model, model_parameters=dict(stored.model_parameters))
