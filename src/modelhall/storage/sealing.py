"""Sealing: a master key's own keys, one per purpose, and values that open only in the place they were sealed for."""

import base64
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from modelhall.domain.errors import MasterKeyMismatch, SetupError

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
FORMAT = 1
_HEAD = 5
"""One byte of format, four of key version."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives and what it is for; it opens nowhere else."""

    table: str
    row: str
    column: str
    purpose: str
    origin: str = ""
    """Scheme, host and port that the value may be sent to, where it has such a bound."""

    def bound_to(self, version: int) -> bytes:
        """The place as bytes that no other place gives: each part with its length before it."""
        parts = [part.encode() for part in (self.table, self.row, self.column, str(version), self.purpose, self.origin)]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A master key of a certain version. Its text and its `repr` never show it."""

    version: int
    secret: bytes = field(repr=False)

    def seal(self, place: Place, value: bytes) -> bytes:
        """Format, key version, nonce and AES-256-GCM ciphertext, bound to the place."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(self._key_for(place.purpose))
        return _head(self.version) + nonce + cipher.encrypt(nonce, value, place.bound_to(self.version))

    def open(self, place: Place, sealed: bytes) -> bytes:
        """The value that was sealed for this place. Raises MasterKeyMismatch when it was not, or not with this key."""
        if sealed[:_HEAD] != _head(self.version) or len(sealed) < _HEAD + NONCE_BYTES + TAG_BYTES:
            raise MasterKeyMismatch(f"A stored secret of {place.table} was sealed with another master key.")
        nonce, ciphertext = sealed[_HEAD : _HEAD + NONCE_BYTES], sealed[_HEAD + NONCE_BYTES :]
        try:
            return AESGCM(self._key_for(place.purpose)).decrypt(nonce, ciphertext, place.bound_to(self.version))
        except InvalidTag as error:
            raise MasterKeyMismatch(
                f"A stored secret of {place.table} does not open: it was moved or changed."
            ) from error

    def check_value(self) -> bytes:
        """What the database keeps to know the right key again; it tells nothing about the key."""
        return hmac.digest(self._key_for("check"), b"modelhall master key", "sha256")

    def fits(self, check_value: bytes) -> bool:
        """Whether the check value is this key's."""
        return hmac.compare_digest(self.check_value(), check_value)

    def _key_for(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=b"modelhall", info=f"{purpose} v{self.version}".encode()).derive(
            self.secret
        )


def version_of(sealed: bytes) -> int:
    """The version of the master key that a value was sealed with; 0 when it is no sealed value."""
    return int.from_bytes(sealed[1:_HEAD], "big") if len(sealed) > _HEAD and sealed[0] == FORMAT else 0


def new_master_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def as_text(secret: bytes) -> str:
    """A master key as a person keeps it: 64 hexadecimal digits."""
    return secret.hex()


def parse_master_key(text: str) -> bytes:
    """A master key as a person wrote it: 32 bytes in hexadecimal or base64. Raises SetupError, without showing it."""
    text = text.strip()
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        secret = bytes.fromhex(text)
    elif re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text):
        secret = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_").rstrip("=") + "=")
    else:
        raise SetupError(
            "The master key must be 32 random bytes in hexadecimal or base64. Make one with: openssl rand -hex 32"
        )
    if len(set(secret)) < KEY_BYTES // 4:
        raise SetupError("The master key is not random. Make one with: openssl rand -hex 32")
    return secret


def digest_with(pepper: bytes, text: str) -> bytes:
    """HMAC-SHA-256 of the text: what is stored of virtual keys and sessions, to look them up by."""
    return hmac.digest(pepper, text.encode(), hashlib.sha256)


def _head(version: int) -> bytes:
    return bytes([FORMAT]) + version.to_bytes(_HEAD - 1, "big")
