"""Who is asking: the operator, a key, or a session; and that no foreign web page asks in somebody's name."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from modelhall.domain.errors import ForeignOrigin
from modelhall.domain.people import Actor
from modelhall.gateway.doors.exchange import presented_key
from modelhall.gateway.doors.proxy import was_forwarded
from modelhall.services.house import House
from modelhall.services.sessions.identify import identify
from modelhall.services.sign_in.act_by_token import act_by_token, is_token

COOKIE = "__Host-modelhall"
PLAIN_COOKIE = "modelhall"
"""Only with `insecure_http`: browsers keep no `__Host-` cookie on a plain connection."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PORTS = {"http": 80, "https": 443}


def house_of(request: Request) -> House:
    """The house behind this application."""
    house: House = request.app.state.house
    return house


async def acting(request: Request) -> Actor:
    """Who is asking. Raises Unauthenticated and below."""
    known: Actor | None = getattr(request.state, "actor", None)
    if known is None:
        presented = presented_key(request.scope["headers"])
        known = request.state.actor = await _identified(house_of(request), presented, request)
    return known


def address_of(request: Request) -> str | None:
    """The address that the request came from."""
    return request.client.host if request.client else None


async def _identified(house: House, presented: str | None, request: Request) -> Actor:
    if presented and is_token(house, presented):
        return await act_by_token(house, presented)
    return await identify(house, presented, None if presented else session_cookie(request))


def session_cookie(request: Request) -> str | None:
    """The session's token, when the request carries one."""
    return request.cookies.get(cookie_name(request))


def cookie_name(request: Request) -> str:
    """The cookie's name on this kind of connection."""
    return COOKIE if is_private_way(request) or not request.app.state.insecure_http else PLAIN_COOKIE


def is_private_way(request: Request) -> bool:
    """Whether nobody on the way can read along: TLS, or both ends on this machine and no proxy between them."""
    if request.url.scheme == "https":
        return True
    if was_forwarded(request.scope["headers"]):
        return False
    ends = [end[0] for end in (request.scope.get("server"), request.scope.get("client")) if end]
    return len(ends) == 2 and all(map(_is_loopback, ends))


def refuse_foreign_pages(request: Request) -> None:
    """Raises ForeignOrigin when a browser sends a change from another site's page, or does not say from which.

    What comes with a key is meant: no page knows it. Signing in is refused to foreign pages too:
    they could have somebody work in a stranger's account.
    """
    if request.method in SAFE or presented_key(request.scope["headers"]) is not None:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is None and origin is None:
        foreign = session_cookie(request) is not None
    else:
        foreign = (site is not None and site != "same-origin") or (origin is not None and not _is_own(origin, request))
    if foreign:
        public: str | None = request.app.state.public_url
        here = f"; this server's own page is {public}/" if public else ""
        raise ForeignOrigin(
            f"this change was asked for by a page of another site, or by none that says which it is{here}"
        )


def _is_own(origin: str, request: Request) -> bool:
    """Whether the page has the origin of the address it calls. A page cannot forge either header."""
    public: str | None = request.app.state.public_url
    own = urlsplit(public) if public else urlsplit(f"{request.url.scheme}://{request.headers.get('host', '')}")
    asked = urlsplit(origin)
    return _place(asked.scheme, asked.netloc) == _place(own.scheme, own.netloc)


def _place(scheme: str, netloc: str) -> tuple[str, str]:
    default = f":{PORTS.get(scheme, 0)}"
    return scheme.lower(), netloc.lower().removesuffix(default)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Acting = Annotated[Actor, Depends(acting)]
Here = Annotated[House, Depends(house_of)]
