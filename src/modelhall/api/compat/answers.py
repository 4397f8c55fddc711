"""Failures as older programs expect them: JSON with the words under `error`."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from modelhall.api import problems
from modelhall.api.problems import request_id_of
from modelhall.domain.errors import ModelhallError


async def told(request: Request, error: ModelhallError) -> JSONResponse:
    """One of the house's own errors."""
    answer = await problems.told(request, error)
    kept = {name: answer.headers[name] for name in ("retry-after", "www-authenticate") if name in answer.headers}
    return _answer(request, error.status, error.code, error.message, error.details, kept)


async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
    """A request that does not have the form its route describes; says where."""
    errors = problems.faults(error)
    words = "; ".join(f"{each['field']}: {each['message']}" for each in errors[:3])
    return _answer(request, 400, "bad_request", words, {"errors": errors})


async def unrouted(request: Request, error: HTTPException) -> JSONResponse:
    """What the router itself refuses."""
    code = problems.CODES.get(error.status_code, "bad_request")
    words = f"no {request.method} {request.url.path[:200]} here" if error.status_code in {404, 405} else error.detail
    return _answer(request, error.status_code, code, words, headers=error.headers)


def _answer(
    request: Request,
    status: int,
    code: str,
    words: str,
    details: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = {**(details or {}), "error": words, "code": code, "request_id": request_id_of(request)}
    return JSONResponse(body, status, headers=dict(headers or {}))
