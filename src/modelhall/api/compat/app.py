"""The routes of older programs as an application, to be mounted under `/api` behind the control API."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from modelhall.api.app import IDENTITIES, Way
from modelhall.api.compat import models, settings
from modelhall.api.compat.answers import malformed, told, unrouted
from modelhall.api.envelope import Envelope
from modelhall.domain.errors import ModelhallError
from modelhall.services.house import House

COMPAT_PREFIX = "/api"
ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error", "code", "request_id"],
    "properties": {"error": {"type": "string"}, "code": {"type": "string"}, "request_id": {"type": "string"}},
}


def create_compat_api(
    house: House, way: Way | None = None, public_of: Callable[[], str | None] = lambda: None
) -> FastAPI:
    """The application; `public_of`: the slug of the organisation whose model ids everybody may read, or `None`."""
    way = way or Way()
    app = _application()
    app.state.house = house
    app.state.public_url = way.public_url
    app.state.insecure_http = way.insecure_http
    app.state.public_of = public_of
    return app


def compat_document() -> dict[str, Any]:
    """The description, made without any running part."""
    app = _application()
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        routes=app.routes,
        servers=[{"url": COMPAT_PREFIX}],
    )
    document["components"]["securitySchemes"] = IDENTITIES
    problem = {"description": "Refused or failed", "content": {"application/json": {"schema": ERROR}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
            operation["security"] = [{name: []} for name in IDENTITIES]
    return document


def _application() -> FastAPI:
    app = FastAPI(
        title="Modelhall for older programs",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={ModelhallError: told, RequestValidationError: malformed, HTTPException: unrouted},
    )
    app.include_router(models.router)
    app.include_router(settings.router)
    app.add_middleware(Envelope)
    return app
