"""The lists of models, in OpenAI's shape, or in Anthropic's when its version header is sent."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.domain.errors import ModelhallError, NotFound
from modelhall.domain.ids import new_id
from modelhall.gateway.call import Target
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.exchange import error_headers, presented_key
from modelhall.gateway.doors.http import Receive, Scope, Send, answer
from modelhall.gateway.routing import callable_targets, find_named, identify, library_of

Shape = Callable[[Sequence[Target]], Any]


class ModelsDoor:
    """`/v1/models` and `/v1/models/{id}`: what the key that asks may call, hidden models apart."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        anthropic = any(name == b"anthropic-version" for name, _ in scope["headers"])
        request_id = new_id()
        names = [(b"x-request-id", request_id.encode()), (b"request-id", request_id.encode())]
        try:
            body = json.dumps(self._answer(scope, anthropic=anthropic)).encode()
            await answer(send, 200, [(b"content-type", b"application/json"), *names], body)
        except ModelhallError as error:
            dialect = anthropic_messages if anthropic else openai_chat
            body = dialect.error_body(error, request_id)
            await answer(send, error.status, [*error_headers(error), *names], body)

    def _answer(self, scope: Scope, *, anthropic: bool) -> Any:
        caller = identify(presented_key(scope["headers"]), self._desk)
        library = library_of(caller, self._desk.snapshot)
        one = _anthropic_model if anthropic else _openai_model
        name = scope["path_params"].get("name")
        if name is not None:
            return one(find_named(name, library, caller))
        models = [one(target) for target in callable_targets(library, caller) if not target.model.hidden]
        if not anthropic:
            return {"object": "list", "data": models}
        ends = (
            {"first_id": models[0]["id"], "last_id": models[-1]["id"]}
            if models
            else {"first_id": None, "last_id": None}
        )
        return {"data": models, "has_more": False, **ends}


class NothingHere:
    """Whatever else is asked for below `/v1`: an error in the shape that clients there expect."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = NotFound(f"no {scope['method']} {scope['path'][:200]} here; the paths are in the documentation")
        request_id = new_id()
        body = openai_chat.error_body(error, request_id)
        await answer(send, 404, [*error_headers(error), (b"x-request-id", request_id.encode())], body)


def _openai_model(target: Target) -> dict[str, Any]:
    model = target.model
    return {
        "id": model.public_name,
        "object": "model",
        "created": int(model.created_at.timestamp()),
        "owned_by": model.maker or model.profile,
    }


def _anthropic_model(target: Target) -> dict[str, Any]:
    model = target.model
    return {
        "type": "model",
        "id": model.public_name,
        "display_name": model.name,
        "created_at": f"{model.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }
