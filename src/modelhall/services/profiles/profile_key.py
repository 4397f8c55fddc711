"""A profile's provider key: which address it belongs to, who may name a variable, and how it is kept."""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from modelhall.domain.errors import BadRequest, Forbidden
from modelhall.domain.ids import new_id
from modelhall.domain.library import Profile, Secret
from modelhall.domain.people import Actor
from modelhall.gateway.credentials import Credentials, origin_of
from modelhall.providers.addresses import base_url_in
from modelhall.providers.provider import Provider
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.words import wrong
from modelhall.storage import profiles
from modelhall.storage.profiles import SecretDraft

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
FOR_ANYBODY = "MODELHALL_SECRET_"
"""Variables that an operator set for admins to refer to, wherever they send them."""
OPERATORS = frozenset({"operator", "system"})
"""By these doors comes who could read the whole machine anyway."""
SHOWN_END = 4
LEAST_TO_SHOW = 16
LONGEST_PATH = 500


@dataclass(frozen=True, slots=True)
class KeyWord:
    """What a profile is to be called with: a key, or where it is read; one of them."""

    text: str | None = field(default=None, repr=False)
    reference: str | None = None
    """`env:NAME` or `file:PATH`."""


def address_of(provider: Provider, base_url: str | None) -> str | None:
    """Scheme, host and port that the profile's key may be sent to."""
    address = base_url or provider.origin
    return None if address is None else origin_of(address)


def key_word(key: str | None, key_env: str | None) -> KeyWord | None:
    """What was given: `env:NAME` and `file:PATH` say where the key is; every other text is the key itself, as it is.

    Raises BadRequest, without repeating a key.
    """
    if key is not None and key_env is not None:
        raise wrong("key_env", "give a key or the name of a variable, not both")
    if key_env is not None:
        return KeyWord(reference=_variable(key_env, "key_env"))
    if key is None:
        return None
    kind, colon, name = key.strip().partition(":")
    if colon and kind == "env":
        return KeyWord(reference=_variable(name, "key"))
    if colon and kind == "file":
        return KeyWord(reference=_file(name))
    return KeyWord(text=checked_key(key))


def check_reference(
    actor: Actor, provider: Provider, base_url: str | None, reference: str, credentials: Credentials
) -> None:
    """Whether this actor may have what this reference leads to sent to that address. Raises BadRequest, Forbidden.

    The operator could read it anyway; an admin of the page must not have it sent to an address of choice.
    """
    kind, _, name = reference.partition(":")
    if kind == "file":
        _check_file(actor, name, credentials)
        return
    if actor.via in OPERATORS or name.startswith(FOR_ANYBODY):
        return
    if name not in provider.key_env:
        names = ", ".join((*provider.key_env, f"{FOR_ANYBODY}…"))
        raise Forbidden(f"from here only these variables can be named: {names}; the operator may name any")
    usual = base_url_in(provider, credentials.environment)
    own = {address_of(provider, each) for each in (None, usual) if each or provider.origin}
    if address_of(provider, base_url) not in own:
        raise Forbidden(f"{name} belongs to {provider.title}'s own address; only the operator may send it elsewhere")


def _check_file(actor: Actor, name: str, credentials: Credentials) -> None:
    if PurePosixPath(name).is_absolute():
        if actor.via not in OPERATORS:
            raise Forbidden("from here only files below secrets_dir can be named; the operator may name any")
    elif credentials.files.folder is None:
        raise wrong("key", "no file can be named: the operator has not set secrets_dir")


async def keep_key(
    house: House, connection: Connection, profile: Profile, provider: Provider, word: KeyWord | None
) -> tuple[Secret, ...]:
    """Store what the profile is called with: a key, sealed for its address, or a reference. The new secrets."""
    if word is None:
        return ()
    secret_id, address = new_id(), address_of(provider, profile.base_url)
    if word.reference is not None:
        draft = SecretDraft(id=secret_id, reference=word.reference, address=address)
    elif word.text is not None and address is not None:
        sealed = house.vault.seal_provider_key(secret_id, address, word.text)
        draft = SecretDraft(id=secret_id, sealed=sealed, shown=shown(word.text), address=address)
    else:
        raise BadRequest("a key needs an address that it may be sent to; give a base URL")
    return (await profiles.insert_secret(connection, profile.id, draft),)


def checked_key(key: str) -> str:
    """A provider key as it can stand in a header. Raises BadRequest, without repeating it."""
    key = key.strip()
    if not 1 <= len(key) <= 4096 or any(not 33 <= ord(letter) <= 126 for letter in key):
        raise wrong("key", "a key has 1 to 4,096 characters, without blanks or letters outside ASCII")
    return key


def shown(key: str) -> str:
    """What may be shown of a provider key: its last four characters, if it is long enough to stay secret."""
    return f"…{key[-SHOWN_END:]}" if len(key) >= LEAST_TO_SHOW else "…"


def _variable(name: str, field: str) -> str:
    if not NAME.fullmatch(name):
        raise wrong(field, "this is not the name of a variable")
    return f"env:{name}"


def _file(path: str) -> str:
    if not 0 < len(path) <= LONGEST_PATH or not path.isprintable() or ".." in PurePosixPath(path).parts:
        raise wrong("key", f"file: takes a path of at most {LONGEST_PATH} characters without ..")
    return f"file:{path}"
