"""The token in a session's cookie."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits; the only time it exists in full."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """What is stored of it.

    Without the master key's pepper: the token is too random to be guessed from its digest, and people must be able to
    sign in when the master key is missing, to read what is wrong.
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
