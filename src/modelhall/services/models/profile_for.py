"""Finds the profile that a new model belongs to: by its id, by its provider, or by the address that is to be called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from modelhall.domain.errors import BadRequest, NotFound
from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.providers.addresses import url_of
from modelhall.providers.provider import Provider
from modelhall.providers.registry import provider_named
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.profiles.add_profile import free_slug
from modelhall.services.profiles.find_profile import EVERY, find_profile
from modelhall.services.profiles.profile_view import told
from modelhall.services.words import wrong
from modelhall.storage import profiles
from modelhall.storage.database import Change
from modelhall.storage.profiles import ProfileDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a model is to be: one of `profile` and `provider`."""

    profile: str | None = None
    """A profile's id."""
    provider: str | None = None
    """A profile's id, or a provider: then its first profile in the organisation's order."""
    endpoint: str | None = None
    """The address that is to be called; it must be the profile's."""


async def profile_for(house: House, change: Change, actor: Actor, place: Place) -> Profile:
    """The profile; where a provider has none yet, an admin gets one without a key.

    Raises BadRequest, NotFound.
    """
    found = await existing_profile(house, change.connection, actor, place)
    if found is not None:
        return found
    provider = provider_named(str(place.provider), house.providers)
    if actor.role < Role.ADMIN:
        raise NotFound(f"there is no profile of {provider.title}; ask an admin to add one")
    return await make_keyless(change, actor, provider)


async def existing_profile(house: House, connection: Connection, actor: Actor, place: Place) -> Profile | None:
    """The profile if it is there; `None` where a known provider has none. Raises BadRequest, NotFound."""
    if place.profile is not None:
        if place.provider is not None:
            raise wrong("provider", "name a profile or a provider, not both")
        return await find_profile(connection, actor.organisation_id, place.profile)
    if place.provider is None:
        raise wrong("profile", "this field is needed: the profile that serves the model")
    all_ = await profiles.list_profiles(connection, actor.organisation_id, limit=EVERY)
    named = [profile for profile in all_ if profile.slug == place.provider]
    provider = None if named else provider_named(place.provider, house.providers)
    fitting = named or in_order(profile for profile in all_ if provider and profile.provider == provider.name)
    if place.endpoint is None:
        return fitting[0] if fitting else None
    return _at_endpoint(house, fitting, provider, place.endpoint)


async def make_keyless(change: Change, actor: Actor, provider: Provider) -> Profile:
    """A profile of this provider without a key: what it serves can be described before somebody gives one."""
    if provider.origin is None or provider.supervised:
        raise BadRequest(f"{provider.title} needs an address of its own: add a profile with a base URL first")
    slug = await free_slug(change.connection, actor.organisation_id, provider.name)
    draft = ProfileDraft(
        organisation_id=actor.organisation_id,
        slug=slug,
        provider=provider.name,
        name=provider.title,
        # A key that the environment holds at a later start is taken by itself.
        origin="environment",
    )
    profile = await profiles.insert_profile(change.connection, draft)
    await change.audit("profile.add", "profile", profile.id, profile.slug, after=told(profile))
    return profile


def in_order(found: Iterable[Profile]) -> list[Profile]:
    """In the organisation's order, as a bare model name would be looked up."""
    return sorted(found, key=lambda profile: (profile.position, profile.slug))


def _at_endpoint(house: House, fitting: Sequence[Profile], provider: Provider | None, endpoint: str) -> Profile | None:
    """The first of them that calls this address; `None`: there is none, and the provider's own address is meant."""
    for profile in fitting:
        known = house.providers.get(profile.provider)
        if known is not None and _same(endpoint, known, profile.base_url):
            return profile
    if provider is not None and provider.origin is not None and _same(endpoint, provider, None):
        return None
    raise wrong("api_endpoint", "no profile calls this address; add one with it as base URL, and name that")


def _same(endpoint: str, provider: Provider, base_url: str | None) -> bool:
    """Whether calls of this profile go to the address, which may name a path of the model door."""
    if base_url is None and provider.origin is None:
        return False
    wanted = _place(endpoint)
    for dialect, prefix in provider.speaks.items():
        path = _place(url_of(provider, base_url, prefix + dialect.PATH))
        if wanted in (path, (path[0], path[1].removesuffix(dialect.PATH)), (path[0], "")):
            return True
    return False


def _place(address: str) -> tuple[str, str]:
    parts = urlsplit(address.strip())
    return f"{parts.scheme}://{parts.netloc}".lower(), parts.path.rstrip("/")
