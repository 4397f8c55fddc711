"""A profile's provider key: which address it belongs to, who may name a variable, and how it is kept."""

import re
from collections.abc import Mapping

from modelhall.domain.errors import BadRequest, Forbidden
from modelhall.domain.ids import new_id
from modelhall.domain.library import Profile, Secret
from modelhall.domain.people import Actor
from modelhall.gateway.credentials import origin_of
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
SHOWN_END = 4
LEAST_TO_SHOW = 16


def address_of(provider: Provider, base_url: str | None) -> str | None:
    """Scheme, host and port that the profile's key may be sent to."""
    address = base_url or provider.origin
    return None if address is None else origin_of(address)


def check_reference(
    actor: Actor, provider: Provider, base_url: str | None, name: str, environment: Mapping[str, str]
) -> None:
    """Whether this actor may send what this variable holds to that address. Raises BadRequest, Forbidden.

    The operator could read the environment anyway; an admin of the page must not have it sent to an address of choice.
    """
    if not NAME.fullmatch(name):
        raise wrong("key_env", "this is not the name of a variable")
    if actor.via in {"operator", "system"} or name.startswith(FOR_ANYBODY):
        return
    if name not in provider.key_env:
        names = ", ".join((*provider.key_env, f"{FOR_ANYBODY}…"))
        raise Forbidden(f"from here only these variables can be named: {names}; the operator may name any")
    own = {address_of(provider, each) for each in (None, base_url_in(provider, environment)) if each or provider.origin}
    if address_of(provider, base_url) not in own:
        raise Forbidden(f"{name} belongs to {provider.title}'s own address; only the operator may send it elsewhere")


async def keep_key(
    house: House, connection: Connection, profile: Profile, provider: Provider, key: str | None, key_env: str | None
) -> tuple[Secret, ...]:
    """Store what the profile is called with: a key, sealed for its address, or a reference. The new secrets."""
    if key is None and key_env is None:
        return ()
    secret_id, address = new_id(), address_of(provider, profile.base_url)
    if key_env is not None:
        draft = SecretDraft(id=secret_id, reference=f"env:{key_env}", address=address)
    elif key is not None and address is not None:
        sealed = house.vault.seal_provider_key(secret_id, address, key)
        draft = SecretDraft(id=secret_id, sealed=sealed, shown=shown(key), address=address)
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
