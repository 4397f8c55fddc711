"""Organisations, members and invitations on the wire."""

from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Body, Moment, PageShape, Secret, Shape, Text
from modelhall.api.shapes.keys import RoleWord
from modelhall.domain.people import Member, Organisation, Role
from modelhall.services.invitations.invite import Invitation, Invited
from modelhall.services.pages import Page


class OrganisationCreate(Body):
    """An organisation to make."""

    id: Annotated[Text, Field(description="`[a-z0-9][a-z0-9._-]{0,62}`; it never changes.")]
    name: Text | None = None


class OrganisationPatch(Body):
    """What may change of an organisation."""

    name: Text


class OrganisationShape(Shape):
    """An organisation."""

    id: str
    name: str


class OrganisationPage(PageShape):
    """A page of organisations."""

    items: list[OrganisationShape]


class MemberPatch(Body):
    """What may change of a member."""

    role: RoleWord


class MemberShape(Shape):
    """A member."""

    id: str
    login: str
    name: str
    role: RoleWord
    disabled: Annotated[bool, Field(description="Whether the person may sign in nowhere.")]
    signed_in_at: Moment | None
    removed_at: Moment | None


class MemberPage(PageShape):
    """A page of members."""

    items: list[MemberShape]


class InvitationCreate(Body):
    """Whom to invite."""

    login: Annotated[Text, Field(description="By what they will sign in: a name or an e-mail address.")]
    role: RoleWord = "member"


class InvitationShape(Shape):
    """An invitation that nobody has accepted yet."""

    id: str
    login: str
    role: RoleWord
    created_at: Moment
    expires_at: Moment


class NewInvitationShape(InvitationShape):
    """An invitation whose `code` is told only here."""

    code: Annotated[str, Field(description="Put it behind `#invitation=` of the page's address and pass that on.")]


class InvitationPage(PageShape):
    """A page of invitations."""

    items: list[InvitationShape]


class AcceptInvitation(Body):
    """What an invited person sends."""

    invitation: Annotated[Secret, Field(description="The code.")]
    password: Annotated[Secret, Field(description="A new one; of who has an account by that login, the one it has.")]
    name: Annotated[Text | None, Field(description="A name for people.")] = None


class ResetRequest(Body):
    """Who gets a new way in."""

    login: Text
    password: Annotated[Secret | None, Field(description="Absent: a one-time link instead.")] = None


class ResetShape(Shape):
    """The new way in."""

    login: str
    link: Annotated[str | None, Field(description="Put it behind `#link=` of the page's address.")]
    sessions_ended: int


def organisation_of(organisation: Organisation) -> OrganisationShape:
    """An organisation as it goes out."""
    return OrganisationShape(id=organisation.slug, name=organisation.name)


def organisation_page(page: Page[Organisation]) -> OrganisationPage:
    """A page as it goes out."""
    return OrganisationPage(items=[organisation_of(each) for each in page.items], next=page.next)


def member_of(member: Member) -> MemberShape:
    """A member as they go out."""
    return MemberShape(
        id=member.id,
        login=member.login,
        name=member.name,
        role=_word(member.role),
        disabled=member.disabled,
        signed_in_at=member.signed_in_at,
        removed_at=member.removed_at,
    )


def member_page(page: Page[Member]) -> MemberPage:
    """A page as it goes out."""
    return MemberPage(items=[member_of(each) for each in page.items], next=page.next)


def invitation_of(invitation: Invitation) -> InvitationShape:
    """An invitation as it goes out."""
    return InvitationShape(
        id=invitation.id,
        login=invitation.login,
        role=_word(invitation.role),
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )


def new_invitation_of(invited: Invited) -> NewInvitationShape:
    """A new invitation as it goes out."""
    return NewInvitationShape(**invitation_of(invited.invitation).model_dump(), code=invited.code)


def invitation_page(page: Page[Invitation]) -> InvitationPage:
    """A page as it goes out."""
    return InvitationPage(items=[invitation_of(each) for each in page.items], next=page.next)


def _word(role: Role) -> RoleWord:
    words: dict[Role, RoleWord] = {Role.ADMIN: "admin", Role.MEMBER: "member", Role.VIEWER: "viewer"}
    return words[role]
