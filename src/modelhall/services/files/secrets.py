"""Provider keys and the values of headers in a document: sealed with a passphrase, and given back to their profiles.

scrypt makes the key, AES-256-GCM seals; parameters and format are authenticated with it.
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from os import urandom

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from modelhall.domain.errors import AlreadyExists, BadRequest
from modelhall.domain.library import Profile
from modelhall.services.files.document import FORMAT, SealedSecrets
from modelhall.services.files.kinds.kind import Work
from modelhall.services.house import House
from modelhall.services.profiles.add_profile_key import add_profile_key
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.profile_key import address_of
from modelhall.services.words import wrong

CIPHER = "scrypt-aes-256-gcm"
N, R, P = 2**15, 8, 1
"""32 MB and about a tenth of a second for each guess."""
SALT, NONCE, KEY = 16, 12, 32
LEAST = 12


class Key(msgspec.Struct, frozen=True):
    """A provider key, and the only address that it may be sent to."""

    address: str
    text: str


class ProfileSecrets(msgspec.Struct, frozen=True):
    """What of a profile is secret."""

    keys: tuple[Key, ...] = ()
    headers: dict[str, str] = {}


Secrets = dict[str, ProfileSecrets]
"""By profile."""


def secrets_of(house: House, profiles: Sequence[Profile]) -> Secrets:
    """What of these profiles is secret, in the clear. Raises MasterKeyMismatch."""
    found: Secrets = {}
    for profile in profiles:
        sealed = [secret for secret in profile.secrets if secret.sealed is not None]
        keys = tuple(Key(secret.address or "", house.credentials.open_sealed(secret)) for secret in sealed)
        if keys or profile.headers:
            found[profile.slug] = ProfileSecrets(keys, dict(sorted(profile.headers.items())))
    return found


def sealed(secrets: Secrets, passphrase: str) -> SealedSecrets:
    """The secrets under this passphrase. Raises BadRequest for one that is too short."""
    if len(passphrase) < LEAST:
        raise wrong("passphrase", f"use at least {LEAST} characters")
    salt, nonce = urandom(SALT), urandom(NONCE)
    closed = AESGCM(_key(passphrase, salt)).encrypt(nonce, msgspec.json.encode(secrets), _bound())
    written = {"salt": salt, "nonce": nonce, "sealed": closed}
    return SealedSecrets(
        cipher=CIPHER, n=N, r=R, p=P, **{name: b64encode(value).decode() for name, value in written.items()}
    )


def opened(given: SealedSecrets, passphrase: str) -> Secrets:
    """What was sealed. Raises BadRequest when the passphrase is another, or a byte was changed."""
    if (given.n, given.r, given.p) != (N, R, P):
        raise BadRequest(f"secrets: this version opens scrypt with n={N}, r={R}, p={P} only")
    try:
        salt, nonce, closed = (b64decode(each, validate=True) for each in (given.salt, given.nonce, given.sealed))
        plain = AESGCM(_key(passphrase, salt)).decrypt(nonce, closed, _bound())
        return msgspec.json.decode(plain, type=Secrets)
    except (InvalidTag, NotBase64, ValueError):
        raise BadRequest("secrets: the passphrase is not the one they were sealed with, or they were changed") from None


async def give_keys(work: Work, secrets: Secrets) -> list[str]:
    """Give profiles the keys that they have not; which profiles got one. Raises BadRequest.

    A key goes only to the address that it was for: a file that names another one gets nothing.
    """
    given: list[str] = []
    for slug, secret in secrets.items():
        async with work.house.database.read() as connection:
            profile = await find_profile(connection, work.actor.organisation_id, slug)
        provider = work.house.providers.get(profile.provider)
        address = address_of(provider, profile.base_url) if provider else None
        for key in secret.keys:
            if address is None or not hmac.compare_digest(address, key.address):
                raise BadRequest(
                    f"secrets: a key of profile {slug} is for {key.address}, and the profile calls {address}; "
                    "give the profile that address, or give the key by hand"
                )
            try:
                await add_profile_key(work.house, work.actor, slug, key=key.text)
            except AlreadyExists:
                continue
            given.append(slug)
    return given


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY, n=N, r=R, p=P).derive(passphrase.encode())


def _bound() -> bytes:
    return f"modelhall secrets {FORMAT} {CIPHER} n={N} r={R} p={P}".encode()
