"""Errors as OpenAI's clients expect them (developers.openai.com, error codes, read 2026-11)."""

import msgspec

from modelhall.domain.errors import ModelhallError

# The type that goes with a status; the official clients pick the exception class by the status itself.
_TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


class _Error(msgspec.Struct):
    message: str
    type: str
    param: str | None
    code: str


class _Body(msgspec.Struct):
    error: _Error


def error_body(error: ModelhallError, request_id: str) -> bytes:
    """The JSON body; the request id travels in the header only."""
    del request_id
    param = error.details.get("param")
    return msgspec.json.encode(
        _Body(
            _Error(
                message=error.message,
                type=_TYPES.get(error.status, "server_error" if error.status >= 500 else "invalid_request_error"),
                param=param if isinstance(param, str) else None,
                code=error.code,
            )
        )
    )


def error_event(error: ModelhallError, request_id: str) -> bytes:
    """The event for the middle of a stream, at which the official clients raise."""
    return b"data: " + error_body(error, request_id) + b"\n\n"
