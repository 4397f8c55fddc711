"""Failures as the control API tells them: problem+json (RFC 9457), the same fields every time, no internals."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from modelhall.domain.errors import ModelhallError, Unauthenticated
from modelhall.services.help.next_steps import next_step

MEDIA_TYPE = "application/problem+json"
UNEXPECTED = "internal_error"
CODES: Mapping[int, str] = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_WORDS: Mapping[str, str] = {
    "extra_forbidden": "there is no such field",
    "missing": "this field is needed",
    "json_invalid": "the body is not JSON",
    "model_attributes_type": "the body must be a JSON object, sent as application/json",
}

log = logging.getLogger(__name__)


async def told(request: Request, error: ModelhallError) -> JSONResponse:
    """One of the house's own errors."""
    if error.status >= 500:
        log.warning("%s: %s (request %s)", error.code, error.message, request_id_of(request))
    headers = {} if error.retry_after_s is None else {"retry-after": str(error.retry_after_s)}
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    return problem(error.status, error.code, error.message, request_id_of(request), error.details, headers)


async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
    """A request that does not have the form its route describes; says where, and never repeats what was sent."""
    errors = faults(error)
    told_first = "; ".join(f"{each['field']}: {each['message']}" for each in errors[:3])
    return problem(400, "bad_request", told_first, request_id_of(request), {"errors": errors})


async def unrouted(request: Request, error: HTTPException) -> JSONResponse:
    """What the router itself refuses: no such path, no such method, a body it could not read."""
    code = CODES.get(error.status_code, "bad_request")
    words = f"no {request.method} {request.url.path[:200]} here" if error.status_code in {404, 405} else error.detail
    return problem(error.status_code, code, words, request_id_of(request), headers=error.headers)


def faults(error: RequestValidationError) -> list[dict[str, str]]:
    """What is wrong where; never repeats what was sent."""
    return [{"field": _field(each), "message": _words(each)} for each in error.errors()]


def problem(
    status: int,
    code: str,
    detail: str,
    request_id: str,
    details: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem document; `details` are further fields that programs may read."""
    step = next_step(code, (details or {}).get("reason"))
    body = (
        dict(details or {})
        | ({} if step is None else {"next": step})
        | {
            "type": f"about:blank#{code}",
            "title": code.replace("_", " ").capitalize(),
            "status": status,
            "detail": detail,
            "code": code,
            "request_id": request_id,
        }
    )
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def request_id_of(request: Request) -> str:
    """The id under which this request is in the log."""
    return str(getattr(request.state, "request_id", ""))


def _field(error: Mapping[str, Any]) -> str:
    """`budget_usd`, `models.2`; a whole body is `body`."""
    place: Sequence[str | int] = error["loc"]
    inner = place[1:] if place and place[0] in {"body", "query", "path", "header"} else place
    # Which of several forms a body has is our own word, in brackets; it is no part of what was sent.
    inner = [part for part in inner if not str(part).startswith("[")]
    return "body" if error["type"] == "json_invalid" else ".".join(map(str, inner)) or "body"


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return _WORDS.get(error["type"], str(error["msg"]))
