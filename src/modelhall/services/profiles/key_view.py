"""A profile's provider keys as they are told: never the key, but which it is, for which address, and how it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from modelhall.domain.errors import Conflict, NotFound
from modelhall.domain.library import Profile, Secret
from modelhall.gateway.credentials import Credentials
from modelhall.services.house import House

State = Literal["ok", "missing", "refused"]
SHORTEST = 3
"""Fewer signs than that name no key."""
DOTS = "…."
"""What stands for the hidden part; three dots are easier to type."""


@dataclass(frozen=True, slots=True)
class ProfileKeyView:
    """One provider key of a profile."""

    secret: Secret
    state: State
    """`missing`: the variable or file that should hold it is not there."""


@dataclass(frozen=True, slots=True)
class ProfileKeys:
    """All keys of a profile, in the order in which they are tried."""

    profile: Profile
    keys: tuple[ProfileKeyView, ...]


def profile_keys(house: House, profile: Profile) -> ProfileKeys:
    """The profile's keys as they are told."""
    return ProfileKeys(profile, tuple(key_view(house, secret) for secret in profile.secrets))


def key_view(house: House, secret: Secret) -> ProfileKeyView:
    """One key as it is told."""
    return ProfileKeyView(secret, _state(secret, house.credentials))


def find_secret(profile: Profile, name: str) -> Secret:
    """The key of that id, of that shown form, or in that variable. Raises NotFound, Conflict when several look so."""
    by_id = [secret for secret in profile.secrets if secret.id == name]
    found = by_id or [secret for secret in profile.secrets if _is_called(secret, name)]
    if not found:
        raise NotFound(
            f"profile {profile.slug} has no key {name[:40]!r}; `modelhall profile key list {profile.slug}` shows them"
        )
    if len(found) > 1:
        raise Conflict(
            f"{len(found)} keys of profile {profile.slug} look like {name[:40]!r}; name one by its id",
            details={"reason": "ambiguous", "ids": [secret.id for secret in found]},
        )
    return found[0]


def label(secret: Secret) -> str:
    """What people see of a key."""
    return secret.reference or secret.shown or secret.id


def told(secrets: Sequence[Secret]) -> dict[str, object]:
    """What the audit keeps of a profile's keys."""
    return {
        "secret_ids": [secret.id for secret in secrets],
        "shown": [label(secret) for secret in secrets],
        "refused": [secret.id for secret in secrets if secret.refused_at is not None],
    }


def _state(secret: Secret, credentials: Credentials) -> State:
    if secret.reference is not None and not credentials.leads_to(secret.reference):
        return "missing"
    return "ok" if secret.refused_at is None else "refused"


def _is_called(secret: Secret, name: str) -> bool:
    if secret.reference is not None:
        return name.removeprefix("env:") == secret.reference.removeprefix("env:")
    end = name.lstrip(DOTS)
    return secret.shown is not None and len(end) >= SHORTEST and end == secret.shown.lstrip(DOTS)
