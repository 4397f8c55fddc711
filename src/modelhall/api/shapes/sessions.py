"""Signing in, and where a person is signed in, on the wire."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from modelhall.api.shapes.base import Body, Moment, Secret, Shape, Text
from modelhall.services.sessions.list_sessions import Session
from modelhall.services.sessions.who_am_i import WhoAmI


class SignIn(Body):
    """The code of a one-time link, or login and password."""

    link: Secret | None = None
    login: Text | None = None
    password: Secret | None = None
    organisation: Annotated[
        Text | None, Field(description="Its id, for who is in several; absent: the one they were in first.")
    ] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        named = self.login is not None or self.password is not None or self.organisation is not None
        if (self.link is not None) == named or (named and (self.login is None or self.password is None)):
            raise ValueError("send either link, or login and password")
        return self


class PasswordChange(Body):
    """One's own password."""

    old: Annotated[Secret | None, Field(description="Absent only where there is none yet.")] = None
    new: Secret


class OrganisationChoice(Body):
    """Where to go on."""

    organisation: Text


class Join(Body):
    """The code of an invitation."""

    invitation: Secret


class WhoShape(Shape):
    """The member that asks."""

    id: str
    login: str
    name: str
    role: str


class PlaceShape(Shape):
    """The organisation they act in."""

    slug: str
    name: str


class SessionShape(Shape):
    """Who is asking, and by what door."""

    member: WhoShape
    organisation: PlaceShape
    via: str


class OpenSessionShape(Shape):
    """Where a person is signed in."""

    id: str
    current: Annotated[bool, Field(description="Whether it is the one that asks.")]
    user_agent: str | None
    created_at: Moment
    seen_at: Moment
    until: Annotated[Moment, Field(description="It ends then at the latest, and before when it is not used.")]


class OpenSessions(Shape):
    """All of them."""

    items: list[OpenSessionShape]


class EndedShape(Shape):
    """How many sessions ended."""

    ended: int


def session_of(who: WhoAmI) -> SessionShape:
    """Who is asking, as it goes out."""
    return SessionShape(
        member=WhoShape(id=who.member.id, login=who.member.login, name=who.member.name, role=who.role.word),
        organisation=PlaceShape(slug=who.organisation.slug, name=who.organisation.name),
        via=who.via,
    )


def sessions_of(found: Sequence[Session], current: str | None) -> OpenSessions:
    """Sessions as they go out."""
    return OpenSessions(
        items=[
            OpenSessionShape(
                id=each.id,
                current=each.id == current,
                user_agent=each.user_agent,
                created_at=each.created_at,
                seen_at=each.seen_at,
                until=each.absolute_until,
            )
            for each in found
        ]
    )
