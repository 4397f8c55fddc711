"""Keys by which programs act: `mh_` + 43 base62 digits (256 random bits) + 6 base62 digits of checksum."""

import secrets
import zlib

PREFIX = "mh_"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY, _CHECK = 43, 6


def new_key() -> str:
    """A fresh key; the only time it exists in full."""
    body = _base62(secrets.randbits(256), _BODY)
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(text: str) -> bool:
    """Whether `text` has the form and checksum of a key; tells a typing slip from an unknown key without a look-up."""
    if len(text) != len(PREFIX) + _BODY + _CHECK or not text.startswith(PREFIX):
        return False
    body, check = text[len(PREFIX) : -_CHECK], text[-_CHECK:]
    return check == _checksum(body)


def shown(key: str) -> str:
    """What may be shown of a key, to recognise it by: its prefix and the last four characters."""
    return f"{PREFIX}…{key[-4:]}"


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK)


def _base62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits
