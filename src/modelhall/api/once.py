"""Routes whose POSTs honour `Idempotency-Key`: a request that is sent again is not done again."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.utils import is_body_allowed_for_status_code

from modelhall.api.identity import acting, house_of
from modelhall.domain.errors import ModelhallError
from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.services.requests.once import KnownAnswer, claim, drop, keep

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
HEADER = "idempotency-key"
ONCE: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request within 24 hours gets the same answer; nothing is done twice.",
    "schema": {"type": "string", "maxLength": 255},
}


class OnceRoute(APIRoute):
    """Any verb's route; only POSTs with the header behave in another way than usual."""

    def __init__(self, *given: Any, **named: Any) -> None:
        if "POST" in (named.get("methods") or ()):
            named["openapi_extra"] = {**(named.get("openapi_extra") or {}), "parameters": [ONCE]}
        super().__init__(*given, **named)

    def get_route_handler(self) -> Handler:
        """The usual handler, with the memory around it."""
        usual = super().get_route_handler()

        async def handler(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if request.method != "POST" or key is None:
                return await usual(request)
            try:
                actor = await acting(request)
            except ModelhallError:
                # Without an identity there is nobody to remember it for; the usual way says what is missing.
                return await usual(request)
            return await _once(house_of(request), actor, key, request, usual)

        return handler


async def _once(house: House, actor: Actor, key: str, request: Request, usual: Handler) -> Response:
    path = request.scope["path"].encode()
    sent = (path, request.scope["query_string"], await request.body())
    known = await claim(house, actor, key, sent)
    if known is not None:
        return _again(known)
    try:
        response = await usual(request)
    except BaseException:
        await drop(house, actor, key)
        raise
    await keep(house, actor, key, KnownAnswer(response.status_code, bytes(response.body)))
    return response


def _again(known: KnownAnswer) -> Response:
    body = known.body if is_body_allowed_for_status_code(known.status) else None
    return Response(body, known.status, {"idempotent-replayed": "true"}, "application/json" if body else None)
