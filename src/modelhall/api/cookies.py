"""The session's cookie: only where nobody on the way can read along, unless the operator wants it otherwise."""

from datetime import datetime

from fastapi import Request, Response

from modelhall.api.identity import COOKIE, cookie_name, is_private_way
from modelhall.domain.errors import Forbidden
from modelhall.gateway.doors.proxy import was_forwarded

SIGN_IN = "-sign-in"
"""Behind the session's name: the cookie by which a browser is known again that went to a sign-in provider."""
SIGN_IN_S = 600


def refuse_open_way(request: Request) -> None:
    """Raises Forbidden on a connection that others could read, with the ways out."""
    if is_private_way(request) or request.app.state.insecure_http:
        return
    proxy = (
        " (one brought this request: name its address in `trusted_proxies`, and have it send X-Forwarded-Proto)"
        if was_forwarded(request.scope["headers"])
        else ""
    )
    raise Forbidden(
        "signing in needs a connection that nobody can read along: give the server a TLS certificate (`tls_cert` and "
        f"`tls_key`), put a proxy with TLS in front of it{proxy}, or allow plain HTTP with `insecure_http = true`"
    )


def set_session(request: Request, response: Response, token: str, until: datetime) -> None:
    """Hand over the session."""
    name = cookie_name(request)
    response.set_cookie(name, token, expires=until, path="/", secure=name == COOKIE, httponly=True, samesite="lax")


def forget_session(request: Request, response: Response) -> None:
    """Have the browser drop the cookie."""
    name = cookie_name(request)
    response.delete_cookie(name, path="/", secure=name == COOKIE, httponly=True, samesite="lax")


def set_browser(request: Request, response: Response, secret: str) -> None:
    """Have the browser bring this back from a sign-in provider; `lax`, because it comes from another site then."""
    name = cookie_name(request)
    secure = name == COOKIE
    response.set_cookie(
        name + SIGN_IN, secret, max_age=SIGN_IN_S, path="/", secure=secure, httponly=True, samesite="lax"
    )


def browser_of(request: Request) -> str | None:
    """What the browser brought back."""
    return request.cookies.get(cookie_name(request) + SIGN_IN)


def forget_browser(request: Request, response: Response) -> None:
    """The sign-in is over."""
    name = cookie_name(request)
    response.delete_cookie(name + SIGN_IN, path="/", secure=name == COOKIE, httponly=True, samesite="lax")
