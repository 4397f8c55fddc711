"""Profiles, and the provider keys each of them has."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import Conflict
from modelhall.domain.ids import new_id
from modelhall.domain.library import Profile, Secret
from modelhall.storage.policies import facts_in, facts_out
from modelhall.storage.rows import PAGE, Row, after_id, must_be_current, must_hit_one, now
from modelhall.storage.sealing import version_of
from modelhall.storage.tables.library import library_models, profiles, secrets
from modelhall.storage.vault import read_stored

LIVING = sa.select(profiles).where(profiles.c.deleted_at.is_(None))
LIVING_SECRETS = sa.select(secrets).where(secrets.c.deleted_at.is_(None)).order_by(secrets.c.position, secrets.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDraft:
    """What a new profile is to be."""

    organisation_id: str
    slug: str
    provider: str
    name: str
    base_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    organisation_header: str | None = None
    region: str | None = None
    notes: str | None = None
    purpose: str | None = None
    residency: str | None = None
    origin: str = "person"
    allow_private: bool = False
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretDraft:
    """A provider key to keep: sealed by the vault for this `id` and `address`, or a reference such as `env:NAME`."""

    id: str
    reference: str | None = None
    sealed: bytes | None = field(default=None, repr=False)
    shown: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class DeletedProfile:
    """A profile that was removed, without its keys."""

    profile: Profile
    deleted_at: datetime


async def insert_profile(connection: AsyncConnection, draft: ProfileDraft) -> Profile:
    """A new profile, last in the organisation's order. The transaction's end raises AlreadyExists for a taken slug."""
    last = sa.select(sa.func.coalesce(sa.func.max(profiles.c.position), 0))
    position = (await connection.execute(last.where(profiles.c.organisation_id == draft.organisation_id))).scalar_one()
    made = now()
    profile = Profile(
        id=new_id(),
        organisation_id=draft.organisation_id,
        slug=draft.slug,
        provider=draft.provider,
        name=draft.name,
        base_url=draft.base_url,
        headers=dict(draft.headers),
        organisation_header=draft.organisation_header,
        region=draft.region,
        notes=draft.notes,
        origin=draft.origin,
        allow_private=draft.allow_private,
        position=position + 1,
        revision=1,
        secrets=(),
        created_at=made,
        updated_at=made,
        purpose=draft.purpose,
        residency=draft.residency,
        parameters=dict(draft.parameters),
    )
    fixed = {"id": profile.id, "organisation_id": profile.organisation_id, "slug": profile.slug, "created_at": made}
    await connection.execute(profiles.insert().values(**fixed, **_changeable(profile), revision=1, updated_at=made))
    return profile


async def get_profile(connection: AsyncConnection, profile_id: str) -> Profile | None:
    """The living profile of that id, with its keys."""
    return await _one(connection, profiles.c.id == profile_id)


async def profile_by_slug(connection: AsyncConnection, organisation_id: str, slug: str) -> Profile | None:
    """The organisation's living profile of that slug, with its keys."""
    return await _one(connection, (profiles.c.organisation_id == organisation_id) & (profiles.c.slug == slug))


async def list_profiles(
    connection: AsyncConnection, organisation_id: str, *, after: str | None = None, limit: int = PAGE
) -> Sequence[Profile]:
    """A page of the organisation's living profiles, the oldest first."""
    theirs = LIVING.where(profiles.c.organisation_id == organisation_id)
    rows = (await connection.execute(after_id(theirs, profiles.c.id, after, limit))).all()
    kept = await _secrets_of(connection, [row.id for row in rows])
    return [profile_of(row, kept.get(row.id, ())) for row in rows]


async def all_profiles(connection: AsyncConnection) -> Sequence[Profile]:
    """Every organisation's living profiles, the oldest first."""
    rows = (await connection.execute(LIVING.order_by(profiles.c.id))).all()
    kept = await _secrets_of(connection, [row.id for row in rows])
    return [profile_of(row, kept.get(row.id, ())) for row in rows]


async def profiles_by_ids(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, Profile]:
    """The living profiles of these ids, by id, without their keys."""
    rows = await connection.execute(LIVING.where(profiles.c.id.in_(ids)))
    return {row.id: profile_of(row, ()) for row in rows}


async def update_profile(connection: AsyncConnection, profile: Profile) -> Profile:
    """Write all but id, slug, organisation and keys, if its revision is still the stored one. Raises Stale."""
    current = (
        (profiles.c.id == profile.id) & (profiles.c.revision == profile.revision) & profiles.c.deleted_at.is_(None)
    )
    written = replace(profile, revision=profile.revision + 1, updated_at=now())
    values = {**_changeable(written), "revision": written.revision, "updated_at": written.updated_at}
    await must_be_current(connection, sa.update(profiles).where(current).values(values), "profile")
    return written


async def delete_profile(connection: AsyncConnection, profile_id: str) -> int:
    """Delete the profile with its models, and forget its keys; gives how many models. Raises NotFound.

    The rows stay for the ledger's sake, and so that it can be restored: all have the same time.
    """
    gone = now()
    change = sa.update(profiles).where(profiles.c.id == profile_id, profiles.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=gone), "profile")
    theirs = sa.update(secrets).where(secrets.c.profile_id == profile_id, secrets.c.deleted_at.is_(None))
    await connection.execute(theirs.values(deleted_at=gone, sealed=None))
    held = sa.update(library_models).where(
        library_models.c.profile_id == profile_id, library_models.c.deleted_at.is_(None)
    )
    return (await connection.execute(held.values(deleted_at=gone))).rowcount


async def restore_profile(connection: AsyncConnection, deleted: DeletedProfile) -> Profile:
    """The profile as it was, with the models that went with it. Keys that were sealed are gone; references are not.

    Raises NotFound. The transaction's end raises AlreadyExists when its slug was given away meanwhile.
    """
    gone = deleted.deleted_at
    change = sa.update(profiles).where(profiles.c.id == deleted.profile.id, profiles.c.deleted_at == gone)
    again = change.values(deleted_at=None, updated_at=now(), revision=profiles.c.revision + 1)
    await must_hit_one(connection, again, "deleted profile")
    for table in (secrets, library_models):
        with_it = (table.c.profile_id == deleted.profile.id) & (table.c.deleted_at == gone)
        if table is secrets:
            with_it &= secrets.c.reference.is_not(None)
        await connection.execute(sa.update(table).where(with_it).values(deleted_at=None))
    restored = await get_profile(connection, deleted.profile.id)
    assert restored is not None  # noqa: S101 - told to the type checker
    return restored


async def deleted_profiles(
    connection: AsyncConnection, organisation_id: str, *, slug: str | None = None, limit: int = PAGE
) -> Sequence[DeletedProfile]:
    """The organisation's deleted profiles, of that slug if one is given; the one deleted last comes first."""
    theirs = sa.select(profiles).where(
        profiles.c.organisation_id == organisation_id, profiles.c.deleted_at.is_not(None)
    )
    if slug is not None:
        theirs = theirs.where(profiles.c.slug == slug)
    rows = await connection.execute(theirs.order_by(profiles.c.deleted_at.desc(), profiles.c.id.desc()).limit(limit))
    return [DeletedProfile(profile_of(row, ()), row.deleted_at) for row in rows]


async def insert_secret(connection: AsyncConnection, profile_id: str, draft: SecretDraft) -> Secret:
    """Give a profile one more key, last in its order. Raises Conflict when the master key changed since the sealing."""
    stored = None if draft.sealed is None else await read_stored(connection)
    if draft.sealed is not None and (stored is None or stored.version != version_of(draft.sealed)):
        raise Conflict("The master key was just changed. Try again.")
    last = sa.select(sa.func.coalesce(sa.func.max(secrets.c.position), 0)).where(secrets.c.profile_id == profile_id)
    position = (await connection.execute(last)).scalar_one() + 1
    secret = Secret(draft.id, position, draft.reference, draft.sealed, draft.shown, draft.address)
    values = {"reference": draft.reference, "sealed": draft.sealed, "shown": draft.shown, "address": draft.address}
    row = {"id": secret.id, "profile_id": profile_id, "position": position, "created_at": now()}
    await connection.execute(secrets.insert().values(**row, **values))
    return secret


async def mark_secret_refused(connection: AsyncConnection, secret_id: str, because: str | None) -> None:
    """Note that the provider does not take this key, or with `None` that it does again. Raises NotFound."""
    change = sa.update(secrets).where(secrets.c.id == secret_id, secrets.c.deleted_at.is_(None))
    refused = change.values(refused_at=None if because is None else now(), refused_because=because)
    await must_hit_one(connection, refused, "provider key")


async def readdress_secret(connection: AsyncConnection, secret_id: str, address: str | None) -> None:
    """The key goes to another address from now on, where nobody has refused it. Not for sealed keys: NotFound."""
    theirs = (secrets.c.id == secret_id) & secrets.c.sealed.is_(None) & secrets.c.deleted_at.is_(None)
    change = sa.update(secrets).where(theirs).values(address=address, refused_at=None, refused_because=None)
    await must_hit_one(connection, change, "provider key")


async def delete_secret(connection: AsyncConnection, secret_id: str) -> None:
    """Forget a provider key for good. Raises NotFound."""
    change = sa.update(secrets).where(secrets.c.id == secret_id, secrets.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=now(), sealed=None), "provider key")


def profile_of(row: Row, kept: Sequence[Secret]) -> Profile:
    """From a row of LIVING and the profile's keys in their order."""
    return Profile(
        id=row.id,
        organisation_id=row.organisation_id,
        slug=row.slug,
        provider=row.provider,
        name=row.name,
        base_url=row.base_url,
        headers=row.headers,
        organisation_header=row.organisation_header,
        region=row.region,
        notes=row.notes,
        origin=row.origin,
        allow_private=row.allow_private,
        position=row.position,
        revision=row.revision,
        secrets=tuple(kept),
        created_at=row.created_at,
        updated_at=row.updated_at,
        purpose=row.purpose,
        residency=row.residency,
        disabled_at=row.disabled_at,
        default_model_id=row.default_model_id,
        parameters=row.parameters or {},
        privacy=facts_in(row.privacy, "profile"),
    )


def secret_of(row: Row) -> Secret:
    """From a row of LIVING_SECRETS."""
    return Secret(
        id=row.id,
        position=row.position,
        reference=row.reference,
        sealed=row.sealed,
        shown=row.shown,
        address=row.address,
        refused_at=row.refused_at,
        refused_because=row.refused_because,
    )


def by_profile(rows: Sequence[Row]) -> dict[str, list[Secret]]:
    """Keys by the id of their profile, in their order."""
    kept: dict[str, list[Secret]] = {}
    for row in rows:
        kept.setdefault(row.profile_id, []).append(secret_of(row))
    return kept


def _changeable(profile: Profile) -> dict[str, object]:
    return {
        "provider": profile.provider,
        "name": profile.name,
        "base_url": profile.base_url,
        "headers": dict(profile.headers),
        "organisation_header": profile.organisation_header,
        "region": profile.region,
        "notes": profile.notes,
        "purpose": profile.purpose,
        "residency": profile.residency,
        "origin": profile.origin,
        "allow_private": profile.allow_private,
        "position": profile.position,
        "disabled_at": profile.disabled_at,
        "default_model_id": profile.default_model_id,
        "parameters": dict(profile.parameters) or None,
        "privacy": facts_out(profile.privacy),
    }


async def _secrets_of(connection: AsyncConnection, profile_ids: Sequence[str]) -> dict[str, list[Secret]]:
    return by_profile((await connection.execute(LIVING_SECRETS.where(secrets.c.profile_id.in_(profile_ids)))).all())


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Profile | None:
    row = (await connection.execute(LIVING.where(condition))).one_or_none()
    if row is None:
        return None
    return profile_of(row, (await _secrets_of(connection, [row.id])).get(row.id, ()))
