"""One-time links: codes that open one session each, within a quarter of an hour."""

import hashlib
import secrets
from datetime import datetime, timedelta

from modelhall.services.connection import Connection
from modelhall.storage import links
from modelhall.storage.links import UsedLink

LIVES = timedelta(minutes=15)
MOST = 100


async def issue(connection: Connection, now: datetime, member_id: str | None = None) -> str:
    """A fresh code, for a member or else for the operator's own account.

    Put it behind `#link=` of the page's address: what stands there is never sent to a server.
    """
    code = new_code()
    await links.insert_link(connection, digest_of(code), at=now, expires_at=now + LIVES, most=MOST, member_id=member_id)
    return code


def new_code() -> str:
    """256 random bits; the only time they exist in full."""
    return secrets.token_urlsafe(32)


async def is_good(connection: Connection, code: str, now: datetime) -> bool:
    """Whether the code may be redeemed now."""
    return await links.is_open(connection, digest_of(code), now)


async def redeem(connection: Connection, code: str, now: datetime) -> UsedLink | None:
    """Whom the code signs in, when it is good; it is not a second time, whichever process is asked."""
    return await links.use_link(connection, digest_of(code), now)


def digest_of(code: str) -> bytes:
    """Looked up by digest, so that the time of a look-up tells nothing about a code, and a copy opens no session."""
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()
