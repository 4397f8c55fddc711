"""Tokens that nobody may take: each is honest claims, and one thing that is wrong. Made anew for each try."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import OctKey

from tests.support.oidc import Claims, curve_key, rsa_key, signed, text_of

Forgery = Callable[[Claims], str]
STRANGER = "of-a-stranger"


def bare(claims: Claims | bytes, header: Mapping[str, Any] | bytes, signature: bytes | str = b"") -> str:
    """A token with exactly that header and signature."""
    last = signature if isinstance(signature, str) else text_of(signature)
    return f"{text_of(header)}.{text_of(claims)}.{last}"


def by_hmac(claims: Claims, secret: bytes, algorithm: str = "HS256", **header: Any) -> str:
    """Signed with a secret that everybody knows: the issuer's public key."""
    first = f"{text_of({'alg': algorithm, 'kid': 'first', **header})}.{text_of(claims)}"
    return f"{first}.{text_of(hmac.digest(secret, first.encode(), f'sha{algorithm[2:]}'))}"


def public_forms() -> dict[str, bytes]:
    """The issuer's public key in every form somebody may have it."""
    key = rsa_key().public_key
    jwk = rsa_key().as_dict(private=False)
    return {
        "PEM": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "PEM without its last line end": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip(),
        "PKCS 1": key.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "DER": key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "JWK": json.dumps(jwk).encode(),
        "modulus": str(jwk["n"]).encode(),
        "nothing": b"",
    }


def by_header() -> Iterator[tuple[str, Forgery]]:
    """What a header may try."""
    for name in ("none", "None", "NONE", "nOnE", "none ", "", "NoNe\u0000"):
        yield f"alg {name!r}, no signature", lambda claims, name=name: bare(claims, {"alg": name})
        yield f"alg {name!r}, any signature", lambda claims, name=name: bare(claims, {"alg": name}, b"x" * 256)
    for form, secret in public_forms().items():
        yield f"HS256 with the public key as {form}", lambda claims, secret=secret: by_hmac(claims, secret)
    for name in ("HS384", "HS512"):
        pem = public_forms()["PEM"]
        yield f"{name} with the public key", lambda claims, name=name, pem=pem: by_hmac(claims, pem, name)
    for name in ("RS1", "RSA", "rs256", "RS256 ", "ES256K", "A128KW", "dir", "RSA-OAEP", "Ed448"):
        yield f"alg {name!r}", lambda claims, name=name: bare(claims, {"alg": name, "kid": "first"}, b"x" * 256)
    for odd in (None, 5, True, ["RS256"], {"RS256": 1}):
        yield f"alg is {odd!r}", lambda claims, odd=odd: bare(claims, {"alg": odd, "kid": "first"}, b"x" * 256)
    yield "no alg", lambda claims: bare(claims, {"kid": "first"}, b"x" * 256)
    own = rsa_key(STRANGER)
    jwk = own.as_dict(private=False)
    there = "http://127.0.0.1:9/keys"
    for name, value in {"jwk": jwk, "jku": there, "x5u": there, "x5c": ["MIIB"], "x5t": "abc"}.items():
        yield f"own key by {name}", lambda claims, name=name, value=value: signed(claims, own, **{name: value})
        yield (
            f"own key by {name}, the issuer's kid",
            lambda claims, name=name, value=value: signed(claims, own, kid="first", **{name: value}),
        )
    for kid in ("../../../../dev/null", "/dev/null", "' OR 1=1 --", "first' UNION SELECT 'x", "http://x/", "", "FIRST"):
        yield f"kid {kid!r}", lambda claims, kid=kid: signed(claims, own, kid=kid)
        yield f"HS256 with nothing and kid {kid!r}", lambda claims, kid=kid: by_hmac(claims, b"", kid=kid)
    yield "kid is a list", lambda claims: bare(claims, {"alg": "RS256", "kid": ["first"]}, b"x" * 256)
    yield "typ is a number", lambda claims: signed(claims, typ=5)
    yield "own key, no kid", lambda claims: signed(claims, own, kid=None)
    yield "critical header", lambda claims: signed(claims, crit=["exp"], exp=1)
    yield "empty critical header", lambda claims: signed(claims, crit=[])
    yield "unencoded body", lambda claims: signed(claims, b64=False, crit=["b64"])
    yield "compressed", lambda claims: signed(claims, zip="DEF")
    yield "encrypted header", lambda claims: signed(claims, enc="A128GCM")
    yield "a header of 3 kB", lambda claims: signed(claims, note="x" * 3000)


def by_signature() -> Iterator[tuple[str, Forgery]]:
    """What a signature may try."""
    for name in ("RS256", "PS256"):
        yield (
            f"{name} by a stranger",
            lambda claims, name=name: signed(claims, rsa_key(STRANGER), alg=name, kid="first"),
        )
    yield "ES256 by a stranger", lambda claims: signed(claims, curve_key("P-256"), alg="ES256", kid="first")
    yield "EdDSA by a stranger", lambda claims: signed(claims, curve_key("Ed25519"), alg="EdDSA", kid="first")
    for name, size in (("ES256", 64), ("ES384", 96), ("ES512", 132)):
        yield f"{name} (0, 0)", lambda claims, n=name, s=size: bare(claims, {"alg": n, "kid": "first"}, bytes(s))
    yield "zeros", lambda claims: bare(claims, {"alg": "RS256", "kid": "first"}, bytes(256))
    yield "empty signature", lambda claims: bare(claims, {"alg": "RS256", "kid": "first"})
    yield "RS256's signature called PS256", lambda claims: _renamed(signed(claims), "PS256")
    yield "RS256's signature called RS512", lambda claims: _renamed(signed(claims), "RS512")
    yield "a changed body", _changed_body
    yield "a cut signature", lambda claims: signed(claims)[:-8]
    yield "a longer signature", lambda claims: signed(claims) + "AAAA"
    yield "a signature written otherwise", _other_spelling


def by_form() -> Iterator[tuple[str, Forgery]]:
    """What the text itself may try."""
    yield "empty", lambda _claims: ""
    yield "garbage", lambda _claims: "\ufffd" * 40
    yield "two parts", lambda claims: signed(claims).rpartition(".")[0]
    yield "four parts", lambda claims: signed(claims) + ".e30"
    yield "five parts, as if encrypted", lambda claims: signed(claims) + ".e30.e30"
    yield (
        "JSON form",
        lambda claims: json.dumps(
            dict(zip(("protected", "payload", "signature"), signed(claims).split("."), strict=True))
        ),
    )
    yield "padded", lambda claims: signed(claims).replace(".", "=.", 1)
    yield "a blank in it", lambda claims: signed(claims).replace(".", " .", 1)
    yield "a line end behind it", lambda claims: signed(claims) + "\n"
    yield "20 kB", lambda claims: signed({**claims, "note": "x" * 20_000})
    yield "1 MB", lambda claims: signed({**claims, "note": "x" * 400_000})
    yield "deep JSON in the body", lambda _claims: signed(b'{"a":' + b"[" * 4000 + b"]" * 4000 + b"}")
    yield "deep JSON in the header", lambda claims: bare(claims, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", b"x")
    yield "a claim twice", lambda claims: signed(json.dumps(claims)[:-1].encode() + b',"sub":"person-2"}')
    yield "alg twice", lambda claims: bare(claims, b'{"alg":"RS256","alg":"none","kid":"first"}', b"x" * 256)
    yield "a list for claims", lambda claims: signed(json.dumps([claims]).encode())
    yield "NaN for a time", lambda claims: signed(json.dumps({**claims, "exp": float("nan")}).encode())
    yield "endless time", lambda claims: signed(json.dumps({**claims, "exp": float("inf")}).encode())
    yield "a huge number", lambda claims: signed(json.dumps(claims)[:-1].encode() + b',"exp":' + b"9" * 5000 + b"}")
    yield "UTF-16", lambda claims: signed(json.dumps(claims).encode("utf-16"))
    yield "signed with a secret of one's own", lambda claims: by_hmac(claims, OctKey.generate_key(256).raw_value)


def by_claims(changes: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Forgery]]:
    """The issuer's own signature, over claims that are not good here."""
    now = int(time.time())
    common: dict[str, Mapping[str, Any]] = {
        "no iss": {"iss": None},
        "another iss": {"iss": "https://other.example"},
        "iss with a slash": {"iss": "slash"},
        "iss in capitals": {"iss": "capitals"},
        "iss is a list": {"iss": ["x"]},
        "no aud": {"aud": None},
        "another aud": {"aud": "another"},
        "aud in capitals": {"aud": "MODELHALL"},
        "aud with a blank": {"aud": "modelhall "},
        "aud is an empty list": {"aud": []},
        "aud is an object": {"aud": {"modelhall": True}},
        "aud is a list in a list": {"aud": [["modelhall"]]},
        "no exp": {"exp": None},
        "expired": {"exp": now - 120},
        "expired long ago": {"exp": 1},
        "exp before 1970": {"exp": -1},
        "exp is text": {"exp": str(now + 300)},
        "exp is true": {"exp": True},
        "exp is a list": {"exp": [now + 300]},
        "nbf to come": {"nbf": now + 600},
        "nbf is text": {"nbf": "0"},
        "iat to come": {"iat": now + 600},
        "iat is text": {"iat": "now"},
        "no sub": {"sub": None},
        "empty sub": {"sub": ""},
        "sub is a number": {"sub": 1},
        "sub of 300 letters": {"sub": "x" * 300},
        "NUL in sub": {"sub": "person-1\u0000"},
        "a half letter in sub": {"sub": "person-\ud800"},
    }
    for name, change in {**common, **changes}.items():
        yield name, lambda claims, change=change: signed(_changed(claims, change))


def _changed(claims: Claims, change: Mapping[str, Any]) -> Claims:
    told = {**claims, **change}
    if told.get("iss") == "slash":
        told["iss"] = f"{claims['iss']}/"
    if told.get("iss") == "capitals":
        told["iss"] = claims["iss"].upper()
    return {name: value for name, value in told.items() if value is not None}


def _renamed(token: str, algorithm: str) -> str:
    _, body, signature = token.split(".")
    return f"{text_of({'alg': algorithm, 'kid': 'first', 'typ': 'JWT'})}.{body}.{signature}"


def _changed_body(claims: Claims) -> str:
    head, _, signature = signed(claims).split(".")
    return f"{head}.{text_of({**claims, 'sub': 'person-2'})}.{signature}"


def _other_spelling(claims: Claims) -> str:
    """The same bytes, written with bits that nobody reads: a second text for one token."""
    token = signed(claims)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) ^ 1]
