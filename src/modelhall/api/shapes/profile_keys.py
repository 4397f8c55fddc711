"""The provider keys of a profile on the wire; never the keys themselves."""

from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Body, Moment, PageShape, Secret, Shape, Text
from modelhall.services.profiles.key_view import ProfileKeys, ProfileKeyView, State


class ProfileKeyCreate(Body):
    """One more key: the key itself, or the variable that holds it."""

    key: Annotated[Secret | None, Field(description="The key; or where it is: `env:NAME`, `file:PATH`.")] = None
    key_env: Annotated[Text | None, Field(description="The variable of the server that holds the key.")] = None


class ProfileKeyShape(Shape):
    """A provider key of a profile."""

    id: str
    position: Annotated[int, Field(description="Keys are tried in this order.")]
    shown: str | None
    reference: str | None
    address: Annotated[str | None, Field(description="Scheme, host and port; it is sent nowhere else.")]
    state: State
    refused_at: Annotated[Moment | None, Field(description="Since when the provider does not take it.")]
    refused_because: str | None


class ProfileKeyPage(PageShape):
    """All keys of a profile."""

    items: list[ProfileKeyShape]


def profile_key_of(view: ProfileKeyView) -> ProfileKeyShape:
    """A key as it goes out."""
    secret = view.secret
    return ProfileKeyShape(
        id=secret.id,
        position=secret.position,
        shown=secret.shown,
        reference=secret.reference,
        address=secret.address,
        state=view.state,
        refused_at=secret.refused_at,
        refused_because=secret.refused_because,
    )


def profile_key_page(found: ProfileKeys) -> ProfileKeyPage:
    """All of them as they go out; there are few enough for one page."""
    return ProfileKeyPage(items=[profile_key_of(view) for view in found.keys], next=None)
