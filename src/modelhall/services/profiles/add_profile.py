"""Adds a profile: an account or server of a provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from modelhall.dialects.stored_values import Values
from modelhall.domain.errors import BadRequest
from modelhall.domain.library import BUILT_IN_PROFILE, Profile
from modelhall.domain.people import Actor, Role
from modelhall.providers.provider import Provider
from modelhall.providers.registry import provider_named
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.profiles.profile_key import check_reference, keep_key, key_word
from modelhall.services.profiles.profile_view import ProfileView, profile_views, told
from modelhall.services.profiles.profile_words import checked_base_url, checked_headers, checked_label
from modelhall.services.rights import require
from modelhall.services.stored_values import merged_values
from modelhall.services.words import line, lines, slug, wrong
from modelhall.storage import profiles
from modelhall.storage.profiles import ProfileDraft

RESERVED = frozenset({BUILT_IN_PROFILE, "default"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProfile:
    """What the profile is to be."""

    provider: str
    id: str | None = None
    """Without one: the provider's name, with a number behind it if that is taken."""
    name: str | None = None
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    key_env: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    allow_private: bool = False
    organisation: str | None = None
    region: str | None = None
    notes: str | None = None
    purpose: str | None = None
    """A label such as `production`."""
    residency: str | None = None
    """A label such as `eu`."""
    parameters: Values = field(default_factory=dict[str, object])
    """What calls to its models are sent with where nobody else says otherwise."""


async def add_profile(house: House, actor: Actor, wanted: NewProfile) -> ProfileView:
    """The new profile; whether its server answers does not matter.

    Raises RoleTooLow, BadRequest, Forbidden, AlreadyExists, MasterKeyMismatch.
    """
    require(actor, Role.ADMIN)
    provider = provider_named(wanted.provider, house.providers)
    draft = profile_draft(actor, provider, wanted)
    word = key_word(wanted.key, wanted.key_env)
    if word is not None and word.reference is not None:
        check_reference(actor, provider, draft.base_url, word.reference, house.credentials)
    async with house.database.change(actor) as change:
        if wanted.id is None:
            draft = replace(draft, slug=await free_slug(change.connection, actor.organisation_id, provider.name))
        profile = await profiles.insert_profile(change.connection, draft)
        secrets = await keep_key(house, change.connection, profile, provider, word)
        profile = replace(profile, secrets=secrets)
        await change.audit("profile.add", "profile", profile.id, profile.slug, after=told(profile))
        (view,) = await profile_views(house, change.connection, [profile])
    return view


async def free_slug(connection: Connection, organisation_id: str, wish: str) -> str:
    """The wish, or the first of `wish-2`, `wish-3`, … that no living profile has."""
    number, found = 1, wish
    while found in RESERVED or await profiles.profile_by_slug(connection, organisation_id, found) is not None:
        number += 1
        found = f"{wish}-{number}"
    return found


def operators_own(actor: Actor, provider: Provider, profile: Profile | ProfileDraft) -> bool:
    """Whether the operator asks for a local server at its usual address: that is a yes to this private address."""
    return actor.via == "operator" and provider.local and profile.base_url is None


def profile_draft(actor: Actor, provider: Provider, wanted: NewProfile) -> ProfileDraft:
    """The wish in its plain form. Raises BadRequest."""
    if provider.supervised:
        raise BadRequest(f"{provider.title} is part of the house and has its profile already")
    wish = provider.name if wanted.id is None else slug(wanted.id, "id")
    if wish in RESERVED and wanted.id is not None:
        raise wrong("id", f"the name {wish} is the house's own; take another one")
    draft = ProfileDraft(
        organisation_id=actor.organisation_id,
        slug=wish,
        provider=provider.name,
        name=provider.title if wanted.name is None else line(wanted.name, "name"),
        base_url=checked_base_url(provider, wanted.base_url),
        headers=checked_headers(wanted.headers),
        organisation_header=None if wanted.organisation is None else line(wanted.organisation, "organisation"),
        region=None if wanted.region is None else line(wanted.region, "region"),
        notes=lines(wanted.notes, "notes"),
        purpose=checked_label(wanted.purpose, "purpose"),
        residency=checked_label(wanted.residency, "residency"),
        allow_private=wanted.allow_private,
        parameters=merged_values({}, wanted.parameters, "parameters"),
    )
    return replace(draft, allow_private=draft.allow_private or operators_own(actor, provider, draft))
