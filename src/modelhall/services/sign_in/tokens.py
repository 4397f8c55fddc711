"""Reads and checks the tokens of sign-in providers (RFC 7519, RFC 8725, OpenID Connect Core 3.1.3.7).

Only signatures with keys of the issuer's own list count, by algorithms that a public key can check. What a header
says of where a key would be is never followed.
"""

import base64
import binascii
import hashlib
import hmac
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from modelhall.domain.errors import TokenRefused
from modelhall.domain.sign_in import Claims
from modelhall.services.sign_in.strange_json import strange_object

MOST_TOKEN = 16 * 1024
MOST_HEADER = 2 * 1024
LEAST_RSA_BITS = 2048
SKEW_S = 60
"""How far the provider's clock may be from ours."""
FRESH_S = 600
"""How old the token of a sign-in may be: it was made moments ago."""
PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}
KINDS = {
    **{f"{family}{bits}": "RSA" for family in ("RS", "PS") for bits in (256, 384, 512)},
    **{name: "OKP" if curve == "Ed25519" else "EC" for name, curve in CURVES.items()},
}
"""The algorithms that are taken, and the kind of key each needs."""
PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
NEVER = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"})
"""Headers that change what a signature is of, or say where its key would be."""
OF_SIGN_IN = frozenset({"", "jwt"})
OF_ACCESS = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
ONLY_AT_SIGN_IN = ("nonce", "at_hash", "c_hash", "s_hash")

PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was read, but not checked."""

    algorithm: str
    key_id: str | None
    kind: str
    """The header `typ`, in small letters."""
    claims: Claims
    signed: bytes
    signature: bytes


def read_token(text: str) -> Token:
    """The token, without believing it. Raises TokenRefused for what has not the form of one that could be taken."""
    parts = PARTS.fullmatch(text) if len(text) <= MOST_TOKEN else None
    if parts is None:
        raise TokenRefused("the token is no signed token, or too long")
    try:
        head, body, signature = (_decoded(part) for part in parts.groups())
        header = strange_object(head if len(head) <= MOST_HEADER else b"")
        claims = strange_object(body)
    except ValueError as error:
        raise TokenRefused(f"the token cannot be read: {error}") from None
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str) or algorithm not in KINDS:
        raise TokenRefused("the token is signed by an algorithm that is not taken")
    if not NEVER.isdisjoint(header):
        raise TokenRefused("the token's header asks for what is not done here")
    if not isinstance(key_id, str | None) or not isinstance(kind, str):
        raise TokenRefused("the token's header is not as it must be")
    return Token(algorithm, key_id, kind.lower(), claims, f"{parts[1]}.{parts[2]}".encode(), signature)


def check_signature(token: Token, keys: Iterable[Mapping[str, object]]) -> None:
    """Raises TokenRefused unless one of the issuer's own keys made the signature."""
    # By RFC 9864 the one that `EdDSA` always meant here; the library warns of the old name.
    algorithm = JWSRegistry.algorithms["Ed25519" if token.algorithm == "EdDSA" else token.algorithm]
    for key in fitting(token, keys):
        try:
            if algorithm.verify(token.signed, token.signature, key):
                return
        except (JoseError, ValueError, UnsupportedAlgorithm):
            continue
    raise TokenRefused("none of the issuer's keys made the token's signature")


def fitting(token: Token, keys: Iterable[Mapping[str, object]]) -> list[PublicKey]:
    """The keys that may have signed: of the token's key id, where it has one, and good for its algorithm."""
    wanted = [key for key in keys if _may_sign(token, key)]
    if token.key_id is None and len(wanted) > 1:
        return []
    return [key for each in wanted if (key := _public(token.algorithm, each)) is not None]


def check_id_token(token: Token, *, issuer: str, client_id: str, nonce: str, now: datetime) -> None:
    """Raises TokenRefused unless the claims are of a sign-in that this client asked for a moment ago."""
    claims = token.claims
    if token.kind not in OF_SIGN_IN:
        raise TokenRefused("the token is of another kind than a sign-in gives")
    _check_issuer_and_subject(claims, issuer)
    audiences = _audiences(claims)
    if client_id not in audiences or (len(audiences) > 1 and claims.get("azp") is None):
        raise TokenRefused("the token was made out for somebody else")
    if claims.get("azp", client_id) != client_id:
        raise TokenRefused("the token was given to another program")
    _check_times(claims, now)
    issued = _time(claims, "iat")
    if issued is None or issued < now.timestamp() - FRESH_S:
        raise TokenRefused("the token was not made for this sign-in: it is too old")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode("utf-8", "replace"), nonce.encode()):
        raise TokenRefused("the token was made for another sign-in")


def check_access_token(token: Token, *, issuer: str, audience: str, now: datetime) -> None:
    """Raises TokenRefused unless the claims are of a token for this house's control API (RFC 9068)."""
    claims = token.claims
    if token.kind not in OF_ACCESS or any(name in claims for name in ONLY_AT_SIGN_IN):
        raise TokenRefused("the token is of a sign-in, not one for calling an API")
    _check_issuer_and_subject(claims, issuer)
    if audience not in _audiences(claims):
        raise TokenRefused("the token was made out for somebody else")
    _check_times(claims, now)


def check_access_hash(token: Token, access_token: object) -> None:
    """Raises TokenRefused when the token names another access token than the one that came with it."""
    told = token.claims.get("at_hash")
    if told is None:
        return
    name = "sha512" if token.algorithm in {"EdDSA", "Ed25519"} else f"sha{token.algorithm[2:]}"
    digest = hashlib.new(name, str(access_token).encode("utf-8", "replace")).digest()
    expected = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode("utf-8", "replace"), expected):
        raise TokenRefused("the token does not belong to the answer it came with")


def _decoded(part: str) -> bytes:
    """Bytes from base64url, written in the only way they can be."""
    try:
        found = base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != part:
        raise ValueError("base64url written in another way than the usual")
    return found


def _may_sign(token: Token, key: Mapping[str, object]) -> bool:
    if token.key_id is not None and key.get("kid") != token.key_id:
        return False
    if key.get("kty") != KINDS[token.algorithm] or key.get("crv") != CURVES.get(token.algorithm):
        return False
    return key.get("use", "sig") == "sig" and key.get("alg", token.algorithm) in _names_of(token.algorithm)


def _names_of(algorithm: str) -> tuple[str, ...]:
    return ("EdDSA", "Ed25519") if CURVES.get(algorithm) == "Ed25519" else (algorithm,)


def _public(algorithm: str, key: Mapping[str, object]) -> PublicKey | None:
    """The key with what is public of it; `None` for one that is none, or too weak."""
    kind = KINDS[algorithm]
    told = {name: value for name in PUBLIC[kind] if isinstance(value := key.get(name), str)}
    try:
        found = JWKRegistry.import_key({"kty": kind, **told})
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None
    if isinstance(found, RSAKey):
        return found if found.public_key.key_size >= LEAST_RSA_BITS else None
    return found if isinstance(found, ECKey | OKPKey) else None


def _check_issuer_and_subject(claims: Claims, issuer: str) -> None:
    if claims.get("iss") != issuer:
        raise TokenRefused("the token is of another issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise TokenRefused("the token does not say of whom it is")


def _audiences(claims: Claims) -> list[object]:
    """Whom the token is made out for."""
    told = claims.get("aud")
    return list(told) if isinstance(told, list) else [told]  # pyright: ignore[reportUnknownArgumentType]


def _check_times(claims: Claims, now: datetime) -> None:
    at = now.timestamp()
    expires, issued, begins = (_time(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or expires <= at - SKEW_S:
        raise TokenRefused("the token has expired")
    if (issued is not None and issued > at + SKEW_S) or (begins is not None and begins > at + SKEW_S):
        raise TokenRefused("the token is not good yet")


def _time(claims: Claims, name: str) -> float | None:
    """Seconds since 1970; `None`: not told."""
    told = claims.get(name)
    if told is None and name not in claims:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < 1e12 or not math.isfinite(told):
        raise TokenRefused(f"the token's `{name}` is no time")
    return float(told)
