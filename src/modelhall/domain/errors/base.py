"""What every failure carries for the caller to decide by."""

from collections.abc import Mapping
from enum import Enum


class Elsewhere(Enum):
    """Whether a call that failed before its first content may be tried again, and where."""

    NOWHERE = "nowhere"
    KEY = "key"
    """With the profile's next key, then at the next target."""
    TARGET = "target"
    """At the next target."""


class ModelhallError(Exception):
    """Anything that the house refuses or fails at."""

    code = "modelhall_error"
    status = 500
    retryable = False
    attempted = False
    """Whether a provider was tried: such a failure has a row of its own."""
    elsewhere = Elsewhere.NOWHERE

    def __init__(
        self, message: str, *, retry_after_s: int | None = None, details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s
        self.details: Mapping[str, object] = details or {}
