"""Makes profiles of what is found at start: the built-in model, and every provider whose key is in the environment."""

from dataclasses import replace

from modelhall.domain.errors import BadRequest
from modelhall.domain.ids import new_id
from modelhall.domain.library import BUILT_IN_MODEL, BUILT_IN_PROFILE, Profile
from modelhall.domain.people import Actor
from modelhall.providers.addresses import base_url_in, key_name_in
from modelhall.providers.provider import Provider
from modelhall.services.connection import Connection
from modelhall.services.evidence.drop_evidence import drop_evidence
from modelhall.services.house import House
from modelhall.services.models.built_in import BUILT_IN
from modelhall.services.models.facts import facts_of
from modelhall.services.profiles.profile_key import address_of
from modelhall.services.profiles.profile_view import told
from modelhall.services.profiles.profile_words import checked_base_url
from modelhall.services.start.first_start import system_actor
from modelhall.storage import models, organisations, profiles
from modelhall.storage.database import Change
from modelhall.storage.profiles import ProfileDraft, SecretDraft

ENVIRONMENT = "environment"


async def find_environment(house: House) -> list[str]:
    """The ids of profiles that were made or changed; nothing is removed, and what a person made is left alone."""
    actor, touched = system_actor(house.operator), list[str]()
    async with house.database.change(actor) as change:
        for provider in house.providers.values():
            if provider.supervised and await _built_in(house, change, provider, actor):
                touched.append(BUILT_IN_PROFILE)
            elif not provider.supervised and await _from_variables(house, change, provider, actor):
                touched.append(provider.name)
        if not change.audited:
            change.nothing()
    return touched


async def _built_in(house: House, change: Change, provider: Provider, actor: Actor) -> bool:
    """The profile `local` with its model, active, and the default unless there is one."""
    connection = change.connection
    if await profiles.profile_by_slug(connection, actor.organisation_id, BUILT_IN_PROFILE) is not None:
        return False
    draft = ProfileDraft(
        organisation_id=actor.organisation_id,
        slug=BUILT_IN_PROFILE,
        provider=provider.name,
        name=provider.title,
        origin="built-in",
    )
    profile = await profiles.insert_profile(connection, draft)
    entry = facts_of(house, profile, provider, BUILT_IN_MODEL, BUILT_IN).model(active=True)
    (model,) = await models.insert_models(connection, [entry])
    organisation = await organisations.get_organisation(connection, actor.organisation_id)
    if organisation is not None and organisation.default_model_id is None:
        await organisations.update_organisation(connection, replace(organisation, default_model_id=model.id))
    after = told(profile) | {"models": [model.model_id]}
    await change.audit("profile.add", "profile", profile.id, profile.slug, after=after)
    return True


async def _from_variables(house: House, change: Change, provider: Provider, actor: Actor) -> bool:
    environment = house.credentials.environment
    name, base_url = key_name_in(provider, environment), base_url_in(provider, environment)
    if name is None or (provider.origin is None and base_url is None):
        return False
    try:
        base_url = checked_base_url(provider, base_url)
    except BadRequest:
        # A variable for other programs, too odd for us: the start must not fail because of it.
        return False
    there = await profiles.profile_by_slug(change.connection, actor.organisation_id, provider.name)
    if there is None:
        await _add(change, provider, actor, name, base_url)
        return True
    if there.origin != ENVIRONMENT or there.provider != provider.name:
        return False
    return await _bring_up_to_date(house, change, there, provider, name, base_url)


async def _add(change: Change, provider: Provider, actor: Actor, name: str, base_url: str | None) -> None:
    draft = ProfileDraft(
        organisation_id=actor.organisation_id,
        slug=provider.name,
        provider=provider.name,
        name=provider.title,
        base_url=base_url,
        origin=ENVIRONMENT,
        # The operator wrote the address into the environment: that is the explicit yes to it.
        allow_private=base_url is not None,
    )
    profile = await profiles.insert_profile(change.connection, draft)
    profile = await _with_reference(change.connection, profile, provider, name)
    await change.audit("profile.add", "profile", profile.id, profile.slug, after=told(profile))


async def _bring_up_to_date(
    house: House, change: Change, old: Profile, provider: Provider, name: str, base_url: str | None
) -> bool:
    """The key in another variable, or another address than at the last start."""
    other_key = [secret.reference for secret in old.secrets] != [f"env:{name}"]
    if old.base_url == base_url and not other_key:
        return False
    moved = old.base_url != base_url
    new = replace(old, base_url=base_url, allow_private=base_url is not None if moved else old.allow_private)
    new = await profiles.update_profile(change.connection, new)
    for secret in old.secrets:
        await profiles.delete_secret(change.connection, secret.id)
    new = await _with_reference(change.connection, new, provider, name)
    await change.audit("profile.edit", "profile", new.id, new.slug, before=told(old), after=told(new))
    if moved:
        await drop_evidence(house, change, old, new)
    return True


async def _with_reference(connection: Connection, profile: Profile, provider: Provider, name: str) -> Profile:
    draft = SecretDraft(id=new_id(), reference=f"env:{name}", address=address_of(provider, profile.base_url))
    return replace(profile, secrets=(await profiles.insert_secret(connection, profile.id, draft),))
