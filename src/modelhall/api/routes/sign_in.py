"""Signing in by an OpenID Connect provider, and who of its people is who here."""

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from modelhall.api.cookies import browser_of, forget_browser, refuse_open_way, set_browser, set_session
from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.problems import request_id_of
from modelhall.api.shapes.sign_in import (
    BeginSignIn,
    BegunSignInShape,
    PeopleShape,
    PersonLink,
    SignInProvidersShape,
    TriedProviderShape,
    people_of,
    providers_of,
    tried_of,
)
from modelhall.domain.errors import ModelhallError
from modelhall.services.sign_in.begin_sign_in import begin_sign_in
from modelhall.services.sign_in.finish_sign_in import ProvidersAnswer, finish_sign_in
from modelhall.services.sign_in.link_person import link_person, list_people, unlink_person
from modelhall.services.sign_in.list_providers import list_providers, try_provider

router = APIRouter(tags=["sign-in"])
Told = Annotated[str | None, Query(max_length=4096)]

log = logging.getLogger(__name__)


@router.get("/sign-in", summary="List sign-in providers", **policy("anyone", objects="everybody's"))
async def listed(house: Here) -> SignInProvidersShape:
    """Those that people may choose from."""
    return providers_of(list_providers(house))


@router.post("/sign-in/{id}", summary="Begin a sign-in", **policy("anyone", objects="own", audit="session.open"))
async def begun(
    house: Here, request: Request, response: Response, id: str, body: BeginSignIn | None = None
) -> BegunSignInShape:
    """With that provider; only this browser can finish it, within ten minutes."""
    refuse_open_way(request)
    begun = await begin_sign_in(house, id, body.next if body else "/")
    set_browser(request, response, begun.browser)
    return BegunSignInShape(address=begun.address)


@router.get(
    "/sign-in/{id}/callback",
    summary="Finish a sign-in",
    status_code=303,
    response_class=RedirectResponse,
    **policy("anyone", objects="own", audit="session.open"),
)
async def finished(
    house: Here,
    request: Request,
    id: str,
    state: Told = None,
    code: Told = None,
    iss: Told = None,
    error: Told = None,
) -> RedirectResponse:
    """Where a provider sends people back to. It leads on into the page, which says what went wrong, if anything did."""
    house.sign_in.named(id)
    home, answer = house.sign_in.public_url, ProvidersAnswer(state or "", code, iss, error)
    try:
        refuse_open_way(request)
        done = await finish_sign_in(house, id, answer, browser_of(request), request.headers.get("user-agent"))
    except ModelhallError as refusal:
        log.warning("a sign-in failed: %s: %s (request %s)", refusal.code, refusal.message, request_id_of(request))
        response = RedirectResponse(f"{home}/#problem={refusal.code}", 303)
    else:
        response = RedirectResponse(home + done.next_path, 303)
        set_session(request, response, done.session.token, done.session.until)
    forget_browser(request, response)
    return response


@router.post("/sign-in/{id}/test", summary="Test a sign-in provider", **policy("operator", objects="the process's"))
async def tried(house: Here, actor: Acting, id: str) -> TriedProviderShape:
    """Asks it for its addresses and keys, and says what is wrong with them."""
    return tried_of(await try_provider(house, actor, id))


@router.get(
    "/sign-in/{id}/people", summary="List people of a provider", **policy("operator", objects="the whole house")
)
async def people(house: Here, actor: Acting, id: str) -> PeopleShape:
    """Everybody of that provider who has an account here."""
    return people_of(await list_people(house, actor, id))


@router.post(
    "/sign-in/{id}/people",
    summary="Link a person to an account",
    status_code=204,
    **policy("operator", objects="the whole house", audit="account.link"),
)
async def linked(house: Here, actor: Acting, id: str, body: PersonLink) -> None:
    """For people who had an account before: nobody is found by mail or name, which others could take."""
    await link_person(house, actor, id, body.subject, body.login)


@router.delete(
    "/sign-in/{id}/people/{name:path}",
    summary="Unlink a person",
    status_code=204,
    **policy("operator", objects="the whole house", audit="account.unlink"),
)
async def unlinked(house: Here, actor: Acting, id: str, name: str) -> None:
    """By subject. The account stays."""
    await unlink_person(house, actor, id, name)
