"""Gives a profile one more provider key, to be tried after those it has."""

import hmac
from dataclasses import replace

from modelhall.domain.errors import AlreadyExists, BadRequest, Conflict
from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.providers.provider import Provider
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.key_view import ProfileKeys, profile_keys, told
from modelhall.services.profiles.profile_key import KeyWord, check_reference, keep_key, key_word, shown
from modelhall.services.rights import require
from modelhall.services.words import wrong
from modelhall.storage import profiles

MOST_KEYS = 32


async def add_profile_key(
    house: House,
    actor: Actor,
    slug: str,
    *,
    key: str | None = None,
    key_env: str | None = None,
    if_revision: int | None = None,
) -> ProfileKeys:
    """The profile's keys, the new one last. Give a key, or where it is: `env:NAME`, `file:PATH`.

    What the environment said of the profile at each start is the person's own from now on.
    Raises RoleTooLow, NotFound, Stale, BadRequest, Forbidden, Conflict, AlreadyExists, MasterKeyMismatch.
    """
    require(actor, Role.ADMIN)
    word = key_word(key, key_env)
    if word is None:
        raise wrong("key", "give a key, or where it is: env:NAME or file:PATH")
    async with house.database.change(actor) as change:
        old = await find_profile(change.connection, actor.organisation_id, slug, if_revision=if_revision)
        provider = _provider_of(house, old)
        if word.reference is not None:
            check_reference(actor, provider, old.base_url, word.reference, house.credentials)
        _refuse_another(house, old, word)
        new = await profiles.update_profile(change.connection, replace(old, origin="person"))
        added = await keep_key(house, change.connection, new, provider, word)
        new = replace(new, secrets=(*old.secrets, *added))
        before, after = told(old.secrets), told(new.secrets)
        await change.audit("profile.add_key", "profile", new.id, new.slug, before=before, after=after)
    return profile_keys(house, new)


def _provider_of(house: House, profile: Profile) -> Provider:
    provider = house.providers.get(profile.provider)
    if provider is None:
        raise Conflict(f"this version knows no provider {profile.provider}")
    if provider.supervised:
        raise BadRequest(f"{provider.title} is part of the house and needs no key")
    return provider


def _refuse_another(house: House, profile: Profile, word: KeyWord) -> None:
    """Raises Conflict when it has as many keys as it may, AlreadyExists when it has this one."""
    if len(profile.secrets) >= MOST_KEYS:
        raise Conflict(f"a profile has at most {MOST_KEYS} keys; remove one first", details={"reason": "too_many"})
    text, reference = word.text, word.reference
    same = [secret for secret in profile.secrets if reference is not None and secret.reference == reference]
    if text is not None:
        alike = [secret for secret in profile.secrets if secret.sealed is not None and secret.shown == shown(text)]
        held = [(secret, house.credentials.open_sealed(secret)) for secret in alike]
        same = [secret for secret, there in held if hmac.compare_digest(there.encode(), text.encode())]
    if same:
        raise AlreadyExists(f"profile {profile.slug} has this key already", details={"id": same[0].id})
