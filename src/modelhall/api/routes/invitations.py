"""Invitations: how somebody becomes a member."""

from fastapi import APIRouter, Request, Response

from modelhall.api.cookies import refuse_open_way, set_session
from modelhall.api.identity import Acting, Here, address_of
from modelhall.api.parameters import DEFAULT_LIMIT, After, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.people import (
    AcceptInvitation,
    InvitationCreate,
    InvitationPage,
    NewInvitationShape,
    invitation_page,
    new_invitation_of,
)
from modelhall.services.invitations.accept_invitation import Acceptance, accept_invitation
from modelhall.services.invitations.invite import invite, renew_invitation, withdraw_invitation
from modelhall.services.invitations.list_invitations import list_invitations

router = APIRouter(tags=["members"])


@router.get("/invitations", summary="List invitations", **policy("admin"))
async def listed(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> InvitationPage:
    """Those that nobody has accepted, the oldest first."""
    return invitation_page(await list_invitations(house, actor, after=after, limit=limit))


@router.post("/invitations", summary="Invite somebody", status_code=201, **policy("admin", audit="invitation.create"))
async def invited(house: Here, actor: Acting, body: InvitationCreate) -> NewInvitationShape:
    """The code is told in this answer and never again; it is good once, within a week."""
    return new_invitation_of(await invite(house, actor, body.login, body.role))


@router.post(
    "/invitations/accept",
    summary="Accept an invitation",
    status_code=204,
    **policy("anyone", objects="own", audit="member.add"),
)
async def accepted(house: Here, request: Request, response: Response, body: AcceptInvitation) -> None:
    """Sets name and password, and signs in."""
    refuse_open_way(request)
    browser = request.headers.get("user-agent")
    typed = Acceptance(body.invitation, body.password, body.name, address_of(request), browser)
    session = await accept_invitation(house, typed)
    set_session(request, response, session.token, session.until)


@router.post("/invitations/{id}/renew", summary="Renew an invitation", **policy("admin", audit="invitation.renew"))
async def renewed(house: Here, actor: Acting, id: str) -> NewInvitationShape:
    """With another code and another week; the code before is good no more."""
    return new_invitation_of(await renew_invitation(house, actor, id))


@router.delete(
    "/invitations/{id}",
    summary="Withdraw an invitation",
    status_code=204,
    **policy("admin", audit="invitation.withdraw"),
)
async def withdrawn(house: Here, actor: Acting, id: str) -> None:
    """Its code is good no more."""
    await withdraw_invitation(house, actor, id)
