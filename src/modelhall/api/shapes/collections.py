"""Collections on the wire."""

from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Body, PageShape, Shape, Text
from modelhall.services.collections.collection_view import CollectionView
from modelhall.services.collections.set_collection import CollectionSet
from modelhall.services.pages import Page


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
