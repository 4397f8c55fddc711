"""Profiles on the wire."""

from typing import Annotated, Any, cast

from pydantic import Field

from modelhall.api.shapes.base import Body, Moment, PageShape, Secret, Shape, Text
from modelhall.api.shapes.stored_values import GivenValues, StoredValues
from modelhall.services.pages import Page
from modelhall.services.profiles.add_profile import NewProfile
from modelhall.services.profiles.edit_profile import ProfileEdit
from modelhall.services.profiles.profile_view import KeyState, ProfileView

HIDDEN = "(hidden)"
KEY = "The key itself; or where it is: `env:NAME`, `file:PATH`. Every other text is kept as it is."


class ProfileCreate(Body):
    """A profile to add."""

    provider: Text
    id: Annotated[Text | None, Field(description="Part of its models' names; absent: the provider's name.")] = None
    name: Text | None = None
    base_url: Annotated[Text | None, Field(description="Absent: the provider's own address.")] = None
    key: Annotated[Secret | None, Field(description=KEY)] = None
    key_env: Annotated[Text | None, Field(description="The same as a key of `env:` and this name.")] = None
    headers: dict[Text, Secret] = {}
    allow_private: Annotated[bool, Field(description="Whether it may be at a private address.")] = False
    organisation: Text | None = None
    region: Text | None = None
    notes: Text | None = None
    purpose: Annotated[Text | None, Field(description="A label, such as production.")] = None
    residency: Annotated[Text | None, Field(description="A label, such as eu.")] = None
    parameters: GivenValues = {}

    def wanted(self) -> NewProfile:
        """As the service knows it."""
        return NewProfile(
            provider=self.provider,
            id=self.id,
            name=self.name,
            base_url=self.base_url,
            key=self.key,
            key_env=self.key_env,
            headers=self.headers,
            allow_private=self.allow_private,
            organisation=self.organisation,
            region=self.region,
            notes=self.notes,
            purpose=self.purpose,
            residency=self.residency,
            parameters=self.parameters,
        )


class ProfilePatch(Body):
    """What is to change; an absent field stays, null empties it. Headers are replaced as a whole."""

    name: Text = ""
    base_url: Text | None = None
    key: Annotated[Secret | None, Field(description=KEY)] = None
    key_env: Text | None = None
    headers: dict[Text, Secret] = {}
    allow_private: bool = False
    organisation: Text | None = None
    region: Text | None = None
    notes: Text | None = None
    purpose: Text | None = None
    residency: Text | None = None
    position: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    enabled: Annotated[bool, Field(description="false: none of its models may be called.")] = True
    default_model: Annotated[
        Text | None, Field(description="The one of its models that answers to `profile/default`.")
    ] = None
    parameters: GivenValues = {}

    def edit(self) -> ProfileEdit:
        """As the service knows it: only what was sent."""
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        return ProfileEdit(**sent)


class KeyOfProfile(Shape):
    """Whether a profile has its provider key."""

    state: KeyState
    shown: str | None
    reference: str | None


class ProfileShape(Shape):
    """A profile. The values of headers are never told."""

    id: str
    provider: str
    name: str
    base_url: str | None
    headers: dict[str, str]
    organisation: str | None
    region: str | None
    notes: str | None
    purpose: str | None
    residency: str | None
    enabled: bool
    origin: str
    allow_private: bool
    position: int
    default_model: str | None
    parameters: StoredValues
    key: KeyOfProfile
    keys: Annotated[int, Field(description="How many provider keys it has.")]
    models: int
    revision: int
    created_at: Moment
    updated_at: Moment


class ProfilePage(PageShape):
    """A page of profiles."""

    items: list[ProfileShape]


def profile_of(view: ProfileView) -> ProfileShape:
    """A profile as it goes out."""
    profile = view.profile
    return ProfileShape(
        id=profile.slug,
        provider=profile.provider,
        name=profile.name,
        base_url=profile.base_url,
        headers=dict.fromkeys(profile.headers, HIDDEN),
        organisation=profile.organisation_header,
        region=profile.region,
        notes=profile.notes,
        purpose=profile.purpose,
        residency=profile.residency,
        enabled=profile.disabled_at is None,
        origin=profile.origin,
        allow_private=profile.allow_private,
        position=profile.position,
        default_model=view.default,
        parameters=cast("StoredValues", dict(profile.parameters)),
        key=KeyOfProfile(state=view.key_state, shown=view.key_shown, reference=view.key_reference),
        keys=len(profile.secrets),
        models=view.models,
        revision=profile.revision,
        created_at=profile.created_at,
        updated_at=profile.updated_at,
    )


def profile_page(page: Page[ProfileView]) -> ProfilePage:
    """A page as it goes out."""
    return ProfilePage(items=[profile_of(view) for view in page.items], next=page.next)
