"""One-time links: codes that open one session each, within a quarter of an hour. Kept in memory only."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

LIVES = timedelta(minutes=15)
MOST = 100


class Links:
    """The codes of this process that nobody has used yet."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._open: dict[bytes, datetime] = {}

    def issue(self) -> str:
        """A fresh code. Put it behind `#link=` of the page's address: what stands there is never sent to a server."""
        self._forget()
        code = secrets.token_urlsafe(32)
        self._open[_digest(code)] = self._clock() + LIVES
        return code

    def redeem(self, code: str) -> bool:
        """Whether the code is good; it is not a second time."""
        self._forget()
        return self._open.pop(_digest(code), None) is not None

    def _forget(self) -> None:
        now = self._clock()
        living = [(digest, until) for digest, until in self._open.items() if until > now]
        self._open = dict(living[-MOST:])


def _digest(code: str) -> bytes:
    """Looked up by digest, so that the time of a look-up tells nothing about a code."""
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()
