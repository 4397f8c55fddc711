"""Edits a profile. Its id stays; a key belongs to the address it was given for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from modelhall.dialects.stored_values import Values
from modelhall.domain.errors import BadRequest, Conflict, UnknownModel
from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.providers.provider import Provider
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep, kept
from modelhall.services.profiles.add_profile import operators_own
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.profile_key import KeyWord, address_of, check_reference, keep_key, key_word
from modelhall.services.profiles.profile_view import ProfileView, profile_views, told
from modelhall.services.profiles.profile_words import checked_base_url, checked_headers, checked_label
from modelhall.services.rights import require
from modelhall.services.stored_values import merged_values
from modelhall.services.uses import refuse_used_but_default
from modelhall.services.words import line, lines, wrong
from modelhall.storage import models, profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileEdit:
    """What is to change; `None` empties a field, KEEP leaves it."""

    name: str | Keep = KEEP
    base_url: str | None | Keep = KEEP
    key: str | None | Keep = field(default=KEEP, repr=False)
    key_env: str | None | Keep = KEEP
    headers: Mapping[str, str] | Keep = field(default=KEEP, repr=False)
    allow_private: bool | Keep = KEEP
    organisation: str | None | Keep = KEEP
    region: str | None | Keep = KEEP
    notes: str | None | Keep = KEEP
    purpose: str | None | Keep = KEEP
    residency: str | None | Keep = KEEP
    position: int | Keep = KEEP
    enabled: bool | Keep = KEEP
    default_model: str | None | Keep = KEEP
    """One of its models, by either name."""
    parameters: Values | Keep = KEEP
    """Those that are named change; null takes one away."""

    @property
    def takes_over(self) -> bool:
        """Whether address or key become a person's own, so that the environment no longer says them at each start."""
        return self.changes_key or self.base_url is not KEEP

    @property
    def changes_key(self) -> bool:
        """Whether the profile gets another key, or none."""
        return self.key is not KEEP or self.key_env is not KEEP


async def edit_profile(
    house: House, actor: Actor, slug: str, edit: ProfileEdit, *, if_revision: int | None = None
) -> ProfileView:
    """The profile as it is then. Raises RoleTooLow, NotFound, Stale, BadRequest, Forbidden, Conflict."""
    require(actor, Role.ADMIN)
    word = key_word(*(given if isinstance(given, str) else None for given in (edit.key, edit.key_env)))
    async with house.database.change(actor) as change:
        old = await find_profile(change.connection, actor.organisation_id, slug, if_revision=if_revision)
        provider = _provider_of(house, old, edit)
        new = _edited(old, provider, edit, house.clock())
        if not isinstance(edit.default_model, Keep):
            new = replace(new, default_model_id=await _default_id(change.connection, old, edit.default_model))
        new = replace(new, allow_private=_private_allowed(actor, provider, old, new, edit))
        _check_keys_address(house, actor, provider, old, new, edit, word)
        if new.disabled_at is not None and old.disabled_at is None:
            held = await models.models_of_profile(change.connection, old.id)
            await refuse_used_but_default(change.connection, actor.organisation_id, held)
        if address_of(provider, new.base_url) != address_of(provider, old.base_url):
            await _refuse_with_evidence(change.connection, old)
        new = await profiles.update_profile(change.connection, new)
        if edit.changes_key:
            new = await _with_new_key(house, change.connection, new, provider, word)
        elif new.base_url != old.base_url:
            new = await _moved(change.connection, new, provider)
        await change.audit("profile.edit", "profile", new.id, new.slug, before=told(old), after=told(new))
        (view,) = await profile_views(house, change.connection, [new])
    return view


def _provider_of(house: House, profile: Profile, edit: ProfileEdit) -> Provider:
    provider = house.providers.get(profile.provider)
    if provider is None:
        raise Conflict(
            f"this version knows no provider {profile.provider}; remove the profile or install the other version"
        )
    only_words = ProfileEdit(
        name=edit.name,
        notes=edit.notes,
        purpose=edit.purpose,
        residency=edit.residency,
        position=edit.position,
        enabled=edit.enabled,
        default_model=edit.default_model,
        parameters=edit.parameters,
    )
    if provider.supervised and edit != only_words:
        raise BadRequest(
            f"{provider.title} is part of the house; only its words, place, default and parameters can change"
        )
    return provider


def _edited(old: Profile, provider: Provider, edit: ProfileEdit, now: datetime) -> Profile:
    organisation, region = kept(edit.organisation, old.organisation_header), kept(edit.region, old.region)
    return replace(
        old,
        name=old.name if isinstance(edit.name, Keep) else line(edit.name, "name"),
        base_url=old.base_url if isinstance(edit.base_url, Keep) else checked_base_url(provider, edit.base_url),
        headers=old.headers if isinstance(edit.headers, Keep) else checked_headers(edit.headers),
        organisation_header=None if organisation is None else line(organisation, "organisation"),
        region=None if region is None else line(region, "region"),
        notes=lines(kept(edit.notes, old.notes), "notes"),
        origin="person" if edit.takes_over else old.origin,
        position=kept(edit.position, old.position),
        purpose=checked_label(kept(edit.purpose, old.purpose), "purpose"),
        residency=checked_label(kept(edit.residency, old.residency), "residency"),
        disabled_at=None if kept(edit.enabled, old.disabled_at is None) else old.disabled_at or now,
        parameters=merged_values(old.parameters, kept(edit.parameters, {}), "parameters"),
    )


async def _default_id(connection: Connection, profile: Profile, name: str | None) -> str | None:
    """The library id of its default, one of its own models. Raises UnknownModel."""
    if name is None:
        return None
    own = name.removeprefix(f"{profile.slug}/")
    model = await models.model_by_name(connection, profile.organisation_id, profile.slug, own)
    if model is None:
        raise UnknownModel(
            f"profile {profile.slug} has no model {own[:120]!r}; sync it: `modelhall model sync {profile.slug}`"
        )
    return model.id


def _private_allowed(actor: Actor, provider: Provider, old: Profile, new: Profile, edit: ProfileEdit) -> bool:
    """A yes is for one scheme, host and port: at another address it must be said again."""
    if not isinstance(edit.allow_private, Keep):
        return edit.allow_private
    if address_of(provider, old.base_url) == address_of(provider, new.base_url):
        return old.allow_private
    return operators_own(actor, provider, new)


def _check_keys_address(
    house: House,
    actor: Actor,
    provider: Provider,
    old: Profile,
    new: Profile,
    edit: ProfileEdit,
    word: KeyWord | None,
) -> None:
    """Raises BadRequest when a key would go to an address it was not given for, Forbidden for a foreign variable."""
    if word is not None and word.reference is not None:
        check_reference(actor, provider, new.base_url, word.reference, house.credentials)
    if edit.changes_key or address_of(provider, old.base_url) == address_of(provider, new.base_url):
        return
    for secret in old.secrets:
        if secret.reference is None:
            raise wrong(
                "key", "the address changes, and the key was given for the old one; give the key again, or null"
            )
        check_reference(actor, provider, new.base_url, secret.reference, house.credentials)


async def _refuse_with_evidence(connection: Connection, profile: Profile) -> None:
    """Evidence is about the server at one address, as a key is for it. Raises Conflict with what has some."""
    theirs = [model.public_name for model in await models.models_of_profile(connection, profile.id) if model.privacy]
    names = [*([profile.slug] if profile.privacy else []), *theirs]
    if names:
        raise Conflict(
            f"the address changes, and the evidence of {', '.join(names[:5])} is about the old one; "
            "withdraw it first: `modelhall evidence withdraw`",
            details={"reason": "has_evidence", "uses": [{"kind": "evidence", "name": name} for name in names[:100]]},
        )


async def _moved(connection: Connection, profile: Profile, provider: Provider) -> Profile:
    """The profile with its keys as they are at the new address: nobody has refused them there."""
    address = address_of(provider, profile.base_url)
    for secret in profile.secrets:
        if secret.reference is not None:
            await profiles.readdress_secret(connection, secret.id, address)
        elif secret.refused_at is not None:
            await profiles.mark_secret_refused(connection, secret.id, None)
    return await profiles.get_profile(connection, profile.id) or profile


async def _with_new_key(
    house: House, connection: Connection, profile: Profile, provider: Provider, word: KeyWord | None
) -> Profile:
    """One key, or none, in the place of all that the profile had."""
    for secret in profile.secrets:
        await profiles.delete_secret(connection, secret.id)
    return replace(profile, secrets=await keep_key(house, connection, profile, provider, word))
