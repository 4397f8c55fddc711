"""A profile as it is told: never a key, but whether it has one that can be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from modelhall.domain.library import Profile
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.storage import models
from modelhall.storage.policies import facts_out

KeyState = Literal["ok", "missing", "none", "refused"]


@dataclass(frozen=True, slots=True)
class ProfileView:
    """One profile."""

    profile: Profile
    key_state: KeyState
    """`none` = it needs none; `missing` = it needs one, or the variable that should hold it is not set."""
    key_shown: str | None
    key_reference: str | None
    models: int
    default: str | None = None
    """The public name of its default model."""


async def profile_views(house: House, connection: Connection, found: Sequence[Profile]) -> list[ProfileView]:
    """These profiles as they are told."""
    chosen = await models.models_by_ids(connection, {each.default_model_id for each in found if each.default_model_id})
    defaults = {model_id: model.public_name for model_id, model in chosen.items()}
    return [
        ProfileView(
            profile,
            key_state(house, profile),
            next((secret.shown for secret in profile.secrets if secret.shown), None),
            next((secret.reference for secret in profile.secrets if secret.reference), None),
            len(await models.models_of_profile(connection, profile.id)),
            defaults.get(profile.default_model_id or ""),
        )
        for profile in found
    ]


def key_state(house: House, profile: Profile) -> KeyState:
    """Whether the profile has what its provider wants to see."""
    if not profile.secrets:
        return "missing" if needs_key(house, profile) else "none"
    if house.credentials.is_missing(profile):
        return "missing"
    return "refused" if all(secret.refused_at for secret in profile.secrets) else "ok"


def needs_key(house: House, profile: Profile) -> bool:
    """Whether its provider answers nobody without a key."""
    provider = house.providers.get(profile.provider)
    return not (provider is None or provider.key_optional or provider.supervised or provider.auth == "none")


def told(profile: Profile) -> dict[str, object]:
    """What the audit keeps of a profile."""
    return {
        "id": profile.slug,
        "provider": profile.provider,
        "name": profile.name,
        "base_url": profile.base_url,
        "headers": dict(profile.headers),
        "organisation": profile.organisation_header,
        "region": profile.region,
        "notes": profile.notes,
        "purpose": profile.purpose,
        "residency": profile.residency,
        "evidence": facts_out(profile.privacy),
        "enabled": profile.disabled_at is None,
        "origin": profile.origin,
        "allow_private": profile.allow_private,
        "position": profile.position,
        "default_model_id": profile.default_model_id,
        "parameters": dict(profile.parameters),
        "secret_ids": [secret.id for secret in profile.secrets],
        "references": [secret.reference for secret in profile.secrets if secret.reference],
    }
