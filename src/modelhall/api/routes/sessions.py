"""Signing in with a one-time link, and out."""

from fastapi import APIRouter, Request, Response

from modelhall.api.cookies import forget_session, refuse_open_way, set_session
from modelhall.api.identity import Acting, Here, session_cookie
from modelhall.api.policy import policy
from modelhall.api.shapes.house import SessionShape, SignIn, session_of
from modelhall.services.sessions.close_session import close_session
from modelhall.services.sessions.open_session import open_session
from modelhall.services.sessions.who_am_i import who_am_i

router = APIRouter(tags=["sessions"])


@router.post("/sessions", summary="Sign in", status_code=204, **policy("anyone", objects="own", audit="session.open"))
async def opened(house: Here, request: Request, response: Response, body: SignIn) -> None:
    """With the code of a one-time link; the session is in a cookie."""
    refuse_open_way(request)
    session = await open_session(house, body.link, request.headers.get("user-agent"))
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
    await close_session(house, actor, session_cookie(request))
    forget_session(request, response)
