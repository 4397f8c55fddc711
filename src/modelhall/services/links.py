"""One-time links: codes that open one session each, within a quarter of an hour."""

import hashlib
import secrets
from datetime import datetime, timedelta

from modelhall.services.connection import Connection
from modelhall.storage import links

LIVES = timedelta(minutes=15)
MOST = 100


async def issue(connection: Connection, now: datetime) -> str:
    """A fresh code. Put it behind `#link=` of the page's address: what stands there is never sent to a server."""
    code = secrets.token_urlsafe(32)
    await links.insert_link(connection, digest_of(code), at=now, expires_at=now + LIVES, most=MOST)
    return code


async def is_good(connection: Connection, code: str, now: datetime) -> bool:
    """Whether the code may be redeemed now."""
    return await links.is_open(connection, digest_of(code), now)


async def redeem(connection: Connection, code: str, now: datetime) -> bool:
    """Whether the code is good; it is not a second time, whichever process is asked."""
    return await links.use_link(connection, digest_of(code), now)


def digest_of(code: str) -> bytes:
    """Looked up by digest, so that the time of a look-up tells nothing about a code, and a copy opens no session."""
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()
