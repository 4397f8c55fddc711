"""Begins a sign-in: the address to send a browser to, and what this browser has to bring back."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from modelhall.services.house import House
from modelhall.services.sign_in.issuer import Issuer
from modelhall.services.words import wrong
from modelhall.storage import sign_ins

LASTS = timedelta(minutes=10)
MOST = 10_000
"""Sign-ins that may be under way at once; the oldest give way."""
OWN_PATH = re.compile(r"/(?!/)[!#-\[\]-~]{0,500}")
"""A path of this server: it cannot be read as another host, whoever reads it."""


@dataclass(frozen=True, slots=True)
class BegunSignIn:
    """A sign-in under way."""

    address: str
    """Of the provider's page."""
    browser: str = field(repr=False)
    """Only the browser that has this in its cookie can finish the sign-in."""


async def begin_sign_in(house: House, provider_id: str, next_path: str = "/") -> BegunSignIn:
    """A sign-in that leads to `next_path` of this server. Raises NotFound, BadRequest, SignInUnavailable."""
    provider = house.sign_in.named(provider_id)
    if not OWN_PATH.fullmatch(next_path):
        raise wrong("next", "must be a path of this server, such as /")
    metadata = await Issuer.of(house, provider).metadata(house)
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    now = house.clock()
    async with house.database.write() as connection:
        await sign_ins.insert_sign_in(
            connection,
            digest_of(state, browser),
            provider=provider.id,
            next_path=next_path,
            at=now,
            expires_at=now + LASTS,
            most=MOST,
        )
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": house.sign_in.redirect_uri(provider),
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": nonce_of(state, browser),
        "code_challenge": challenge_of(verifier_of(state, browser)),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in metadata.authorization else "?"
    return BegunSignIn(f"{metadata.authorization}{joint}{urlencode(asked)}", browser)


def digest_of(state: str, browser: str) -> bytes:
    """What is stored of a sign-in: neither half finds it without the other."""
    return hashlib.sha256(f"{state}.{browser}".encode("utf-8", "replace")).digest()


def nonce_of(state: str, browser: str) -> str:
    """What the provider repeats in its token. Made from both halves, so that nothing secret is stored."""
    return _made("nonce", state, browser)


def verifier_of(state: str, browser: str) -> str:
    """What shows the provider that whoever brings the code began the sign-in (RFC 7636)."""
    return _made("verifier", state, browser)


def challenge_of(verifier: str) -> str:
    """What the provider gets to know of the verifier at first."""
    return _text(hashlib.sha256(verifier.encode()).digest())


def _made(what: str, state: str, browser: str) -> str:
    return _text(
        hmac.digest(browser.encode("utf-8", "replace"), f"{what}.{state}".encode("utf-8", "replace"), "sha256")
    )


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
