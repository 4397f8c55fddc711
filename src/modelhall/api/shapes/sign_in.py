"""Signing in by a provider, on the wire."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Body, Moment, Shape, Text
from modelhall.domain.sign_in import SignInProvider
from modelhall.services.sign_in.link_person import Identity
from modelhall.services.sign_in.list_providers import ProviderState


class BeginSignIn(Body):
    """Where to go afterwards."""

    next: Annotated[Text, Field(description="A path of this server.")] = "/"


class BegunSignInShape(Shape):
    """A sign-in under way."""

    address: Annotated[str, Field(description="Of the provider's page: send the browser there.")]


class SignInProviderShape(Shape):
    """A provider that people may sign in by."""

    id: str
    name: str


class SignInProvidersShape(Shape):
    """All of them, in the operator's order."""

    items: list[SignInProviderShape]


class TriedProviderShape(Shape):
    """A provider that answered as it must."""

    id: str
    issuer: str
    redirect_uri: Annotated[str, Field(description="To be entered at the provider, letter by letter.")]
    audience: str | None


class PersonShape(Shape):
    """Somebody of a provider, and the account they have here."""

    subject: str
    login: str
    since: Moment


class PeopleShape(Shape):
    """Everybody of a provider who has an account here."""

    items: list[PersonShape]


class PersonLink(Body):
    """Whom a provider's person means here."""

    subject: Annotated[Text, Field(description="The claim `sub`; the log tells it of whoever was not let in.")]
    login: Text


def providers_of(found: Sequence[SignInProvider]) -> SignInProvidersShape:
    """The providers, as they go out."""
    return SignInProvidersShape(items=[SignInProviderShape(id=each.id, name=each.name) for each in found])


def tried_of(state: ProviderState) -> TriedProviderShape:
    """A provider, as it goes out to its operator."""
    told = state.provider
    return TriedProviderShape(id=told.id, issuer=told.issuer, redirect_uri=state.redirect_uri, audience=told.audience)


def people_of(found: Sequence[Identity]) -> PeopleShape:
    """People, as they go out."""
    items = [PersonShape(subject=each.subject, login=each.login, since=each.created_at) for each in found]
    return PeopleShape(items=items)
