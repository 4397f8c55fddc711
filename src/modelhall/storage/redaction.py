"""What may be written into the audit: plain values, and no secret among them."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, TypeGuard

Plain: TypeAlias = "None | bool | int | float | str | list[Plain] | dict[str, Plain]"

HIDDEN = "(hidden)"

SECRET_WORDS = frozenset(
    {
        "secret",
        "secrets",
        "password",
        "passphrase",
        "key",
        "keys",
        "token",
        "digest",
        "sealed",
        "pepper",
        "cookie",
        "credential",
    }
    | {"credentials", "authorization", "apikey", "hash"}
)
# Names that hold one of those words and yet tell no secret.
HARMLESS = frozenset({"key_id", "key_name", "key_env", "key_count", "secret_id", "secret_ids", "key_version"})
# Only the names in these are told: a header may carry a key, whatever it is called.
ONLY_NAMES = frozenset({"headers"})
LOOKS_SECRET = re.compile(
    r"(?i)\b(sk-|mh_|bearer |basic |ghp_|github_pat_|hf_|gsk_|xai-|aiza|eyj|akia)[\w\-./+=]{12,}|://[^/\s:@]*:[^/\s@]+@"
)
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def without_secrets(fields: Mapping[str, object] | None) -> dict[str, Plain] | None:
    """The fields as plain JSON values, with secrets hidden by name, by type (bytes) and by look.

    Raises TypeError for what has no plain form.
    """
    if fields is None:
        return None
    return {_text(name): _field(name, value) for name, value in fields.items()}


def _field(name: str, value: object) -> Plain:
    if is_mapping(value) and name.lower() in ONLY_NAMES:
        return {_text(str(inner)): HIDDEN for inner in value}
    if value is not None and not isinstance(value, bool | int) and names_a_secret(name):
        return HIDDEN
    return plain(value)


def names_a_secret(name: str) -> bool:
    """Whether a field of that name is taken to hold a secret."""
    return name.lower() not in HARMLESS and any(word.lower() in SECRET_WORDS for word in _WORDS.findall(name))


def plain(value: object) -> Plain:
    """The value as JSON knows it; money and prices as text, times as ISO 8601."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return HIDDEN if LOOKS_SECRET.search(value) else _text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray | memoryview):
        return HIDDEN
    return _several(value)


def _several(value: object) -> Plain:
    if is_mapping(value):
        return {_text(str(name)): _field(str(name), inner) for name, inner in value.items()}
    if is_series(value):
        return [plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no plain form for the audit")


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Whether the value has names and values."""
    return isinstance(value, Mapping)


def is_series(value: object) -> TypeGuard[Collection[object]]:
    """Whether the value is a list, tuple or set."""
    return isinstance(value, list | tuple | set | frozenset)


def _text(text: str) -> str:
    """Text that both databases keep as it is: PostgreSQL's JSON knows no NUL and no lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
