"""Errors as Anthropic's clients expect them (platform.claude.com, errors, read 2026-11)."""

import msgspec

from modelhall.domain.errors import ModelhallError, Overloaded

# The type that goes with a status; the official clients pick the exception class by the status itself.
_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
}


class _Error(msgspec.Struct):
    type: str
    message: str


class _Body(msgspec.Struct):
    error: _Error
    request_id: str
    type: str = "error"


def error_body(error: ModelhallError, request_id: str) -> bytes:
    """The JSON body."""
    usual = "api_error" if error.status >= 500 else "invalid_request_error"
    kind = "overloaded_error" if isinstance(error, Overloaded) else _TYPES.get(error.status, usual)
    return msgspec.json.encode(_Body(error=_Error(kind, error.message), request_id=request_id))


def error_event(error: ModelhallError, request_id: str) -> bytes:
    """The event for the middle of a stream, at which the official clients raise."""
    return b"event: error\ndata: " + error_body(error, request_id) + b"\n\n"
