"""Signing in and out, one's own sessions and password."""

from fastapi import APIRouter, Request, Response

from modelhall.api.cookies import forget_session, refuse_open_way, set_session
from modelhall.api.identity import Acting, Here, address_of, session_cookie
from modelhall.api.policy import policy
from modelhall.api.shapes.sessions import (
    EndedShape,
    Join,
    OpenSessions,
    OrganisationChoice,
    PasswordChange,
    SessionShape,
    SignIn,
    session_of,
    sessions_of,
)
from modelhall.services.accounts.change_password import change_password
from modelhall.services.invitations.accept_invitation import join_organisation
from modelhall.services.sessions.close_session import close_session
from modelhall.services.sessions.end_sessions import end_other_sessions, end_session
from modelhall.services.sessions.list_sessions import list_sessions
from modelhall.services.sessions.sign_in_with_link import sign_in_with_link
from modelhall.services.sessions.sign_in_with_password import Credentials, sign_in_with_password
from modelhall.services.sessions.switch_organisation import switch_organisation
from modelhall.services.sessions.who_am_i import who_am_i

router = APIRouter(tags=["sessions"])


@router.post("/sessions", summary="Sign in", status_code=204, **policy("anyone", objects="own", audit="session.open"))
async def opened(house: Here, request: Request, response: Response, body: SignIn) -> None:
    """With the code of a one-time link, or login and password; the session is in a cookie, one before it ends."""
    refuse_open_way(request)
    before, browser = session_cookie(request), request.headers.get("user-agent")
    if body.login is None or body.password is None:
        session = await sign_in_with_link(house, body.link or "", browser, before=before)
    else:
        typed = Credentials(body.login, body.password, body.organisation, address_of(request), browser)
        session = await sign_in_with_password(house, typed, before=before)
    set_session(request, response, session.token, session.until)


@router.get("/session", summary="Say who you are", **policy("viewer", objects="own"))
async def shown(house: Here, actor: Acting) -> SessionShape:
    """The member and the organisation that this identity acts for."""
    return session_of(await who_am_i(house, actor))


@router.delete(
    "/session", summary="Sign out", status_code=204, **policy("viewer", objects="own", audit="session.close")
)
async def closed(house: Here, actor: Acting, request: Request, response: Response) -> None:
    """Ends the session that this request came with."""
    await close_session(house, actor)
    forget_session(request, response)


@router.get("/sessions", summary="List your sessions", **policy("viewer", objects="own"))
async def listed(house: Here, actor: Acting) -> OpenSessions:
    """Where you are signed in, the one seen last first."""
    return sessions_of(await list_sessions(house, actor), actor.session_id)


@router.delete(
    "/sessions", summary="End your other sessions", **policy("viewer", objects="own", audit="session.close_others")
)
async def others_ended(house: Here, actor: Acting) -> EndedShape:
    """Signs you out everywhere but here."""
    return EndedShape(ended=await end_other_sessions(house, actor))


@router.delete(
    "/sessions/{id}",
    summary="End one of your sessions",
    status_code=204,
    **policy("viewer", objects="own", audit="session.close"),
)
async def ended(house: Here, actor: Acting, id: str) -> None:
    """Signs you out there."""
    await end_session(house, actor, id)


@router.put(
    "/session/password",
    summary="Change your password",
    status_code=204,
    **policy("viewer", objects="own", audit="account.password"),
)
async def password_changed(house: Here, actor: Acting, body: PasswordChange) -> None:
    """At least 15 characters; you are signed out everywhere else."""
    await change_password(house, actor, body.old, body.new)


@router.put(
    "/session/organisation",
    summary="Go on in another organisation",
    status_code=204,
    **policy("viewer", objects="own", audit="session.open"),
)
async def switched(house: Here, actor: Acting, request: Request, response: Response, body: OrganisationChoice) -> None:
    """One that you are a member of; the session's cookie is a new one."""
    session = await switch_organisation(house, actor, body.organisation)
    set_session(request, response, session.token, session.until)


@router.post(
    "/session/join",
    summary="Join another organisation",
    status_code=204,
    **policy("viewer", objects="own", audit="member.add"),
)
async def joined(house: Here, actor: Acting, body: Join) -> None:
    """With an invitation for the login by which you are signed in."""
    await join_organisation(house, actor, body.invitation)
