"""Keeps keys out of what is repeated of a provider's words: it may echo them whole, in parts, or written otherwise."""

import base64
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

RUN = 6
"""As many letters of a key in a row give it away."""
REAL = 16
"""A shorter key is a word such as `ollama`: only the whole of it is looked for."""
MOST_WORDS = 300
SHORTEST = 8
"""Of headers, what is shorter is no secret: it would hide every word that has it inside."""


class KeyGuard:
    """Says whether a text gives away any of these keys."""

    def __init__(self, keys: Iterable[str], headers: Iterable[str] = ()) -> None:
        secrets = [*keys, *(value for value in headers if len(value) >= SHORTEST)]
        self._runs = {run for secret in secrets for run in _runs(secret)} - {""}

    def gives_away(self, text: str) -> bool:
        """Whether a part of a key is in the text."""
        low = text.lower()
        return any(run in low for run in self._runs)

    def safe(self, text: str) -> str | None:
        """The text on one line and shortened, or nothing when it gives a key away or is empty."""
        plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
        return None if not plain or self.gives_away(plain) else plain[:MOST_WORDS]

    def words_of(self, body: bytes) -> str | None:
        """The message inside an error body of the usual shapes, if it gives no key away."""
        try:
            told = msgspec.json.decode(body, type=_Body)
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
            return None
        inner = told.error.message if isinstance(told.error, _Inner) else told.error
        return self.safe(inner or told.message or told.detail or "")


class _Inner(msgspec.Struct):
    message: str | None = None


class _Body(msgspec.Struct):
    error: _Inner | str | None = None
    message: str | None = None
    detail: str | None = None


def _runs(secret: str) -> Iterable[str]:
    if len(secret) < REAL:
        yield secret.lower()
        return
    for form in _forms(secret):
        yield from (form[at : at + RUN].lower() for at in range(max(len(form) - RUN, 0) + 1))


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield secret[::-1]
    yield quote(secret, safe="")
    raw = secret.encode("utf-8", "replace")
    yield raw.hex()
    for shift in range(3):  # where it starts in a longer text decides which letters base64 makes of it
        yield base64.b64encode(b"\0" * shift + raw).decode()[4 if shift else 0 :].rstrip("=")[:-1]
