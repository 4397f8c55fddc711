"""The control API as an application, to be mounted under `/api/v1`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from modelhall.api.envelope import Envelope
from modelhall.api.problems import MEDIA_TYPE, malformed, told, unrouted
from modelhall.api.routes import (
    advice,
    aliases,
    audit,
    calls,
    collections,
    configuration,
    imports,
    invitations,
    keys,
    library,
    lifecycle,
    members,
    models,
    operator,
    organisations,
    policies,
    preferences,
    profile_keys,
    profiles,
    projects,
    sessions,
    sign_in,
    snippets,
    trials,
    usage,
)
from modelhall.api.routes import help as help_routes
from modelhall.api.routes import house as house_routes
from modelhall.domain.errors import ModelhallError
from modelhall.services.house import House

PREFIX = "/api/v1"
ROUTERS = (
    sessions.router,
    organisations.router,
    members.router,
    invitations.router,
    sign_in.router,
    house_routes.router,
    audit.router,
    profiles.router,
    profile_keys.router,
    lifecycle.router,
    policies.router,
    projects.router,
    trials.router,
    advice.router,
    models.router,
    library.router,
    aliases.router,
    collections.router,
    configuration.router,
    preferences.router,
    keys.router,
    usage.router,
    calls.router,
    snippets.router,
    imports.router,
    help_routes.router,
    operator.router,
)
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457: every error answer has these fields, and some have more.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people: what is wrong and what to do."},
        "code": {"type": "string", "description": "For programs."},
        "next": {"type": "string", "description": "What to do about it, where the message alone does not say it."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
IDENTITIES: dict[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key with a role, the operator's token, or a token of a sign-in provider.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-modelhall"},
}


@dataclass(frozen=True, slots=True)
class Way:
    """How people come to the server."""

    public_url: str | None = None
    """The address that browsers use, where a proxy hides it."""
    insecure_http: bool = False
    """Whether people may sign in over a connection that others can read."""


def create_control_api(house: House, way: Way | None = None) -> FastAPI:
    """The application. Nothing in it is shared between two of them but the routes' descriptions."""
    way = way or Way()
    app = _application()
    app.state.house = house
    app.state.public_url = way.public_url
    app.state.insecure_http = way.insecure_http
    return app


def openapi_document() -> dict[str, Any]:
    """The description, made without any running part."""
    return _application().openapi()


def _application() -> FastAPI:
    app = FastAPI(
        title="Modelhall control API",
        version=version("modelhall"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Keys are strangers to type checkers of the framework: one handler per kind of failure.
        exception_handlers={ModelhallError: told, RequestValidationError: malformed, HTTPException: unrouted},
    )
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Envelope)
    setattr(app, "openapi", _described(app))  # noqa: B010 — the framework's own way to have another description
    return app


def _described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    return openapi


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes, servers=[{"url": PREFIX}]
    )
    schemas: dict[str, Any] = document["components"]["schemas"]
    for framework_word in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework_word, None)
    schemas["Problem"] = PROBLEM
    document["components"]["securitySchemes"] = IDENTITIES
    problem = {
        "description": "Refused or failed",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            # A request of the wrong form is a 400 here, told like every other failure.
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
            open_to_all = operation["x-policy"]["role"] == "anyone"
            operation["security"] = [] if open_to_all else [{name: []} for name in IDENTITIES]
    return document
