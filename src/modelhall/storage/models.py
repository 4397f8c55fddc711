"""The models of the library."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.library import Model, Told
from modelhall.storage.policies import facts_in, facts_out
from modelhall.storage.rows import PAGE, Row, must_be_current, must_hit_one, now
from modelhall.storage.tables.library import library_models, profiles

LIVING = (
    sa.select(library_models, profiles.c.slug.label("profile"), profiles.c.provider.label("provider"))
    .join_from(library_models, profiles)
    .where(library_models.c.deleted_at.is_(None), profiles.c.deleted_at.is_(None))
)

DELETED = (
    sa.select(
        library_models,
        profiles.c.slug.label("profile"),
        profiles.c.provider.label("provider"),
        profiles.c.deleted_at.label("profile_gone"),
    )
    .join_from(library_models, profiles)
    .where(library_models.c.deleted_at.is_not(None))
)

AS_THEY_ARE = (
    *("model_id", "name", "maker", "kind", "context_window", "max_input", "max_output", "knowledge_cutoff"),
    *("retires_on", "custom", "active", "hidden", "quarantined_because", "successor_id", "notes", "category"),
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A model that was deleted."""

    model: Model
    deleted_at: datetime
    profile_lives: bool
    """Without its profile it cannot come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which models a list is to hold; `None` = whatever."""

    profile_id: str | None = None
    active: bool | None = None
    hidden: bool | None = None
    kind: str | None = None
    text: str | None = None
    """Part of the name or of the provider's own name, in any case."""
    category: str | None = None
    ids: Collection[str] | None = None
    """Of these ids of ours."""


async def insert_models(connection: AsyncConnection, models: Sequence[Model]) -> list[Model]:
    """New models, each with an id of its own; their `number`, revision and times are set here.

    The transaction's end raises AlreadyExists when the profile has a model of that name already.
    """
    if not models:
        return []
    made = now()
    fixed = {"revision": 1, "created_at": made, "updated_at": made}
    rows = [
        {
            **_values(model),
            "id": model.id,
            "organisation_id": model.organisation_id,
            "profile_id": model.profile_id,
            **fixed,
        }
        for model in models
    ]
    numbers = library_models.insert().returning(library_models.c.number, sort_by_parameter_order=True)
    given = (await connection.execute(numbers, rows)).scalars().all()
    return [
        replace(model, number=number, revision=1, created_at=made, updated_at=made)
        for model, number in zip(models, given, strict=True)
    ]


async def get_model(connection: AsyncConnection, model_id: str) -> Model | None:
    """The living model of that id of ours."""
    return await _one(connection, library_models.c.id == model_id)


async def model_by_number(connection: AsyncConnection, number: int) -> Model | None:
    """The living model of that install-wide number."""
    return await _one(connection, library_models.c.number == number)


async def model_by_name(connection: AsyncConnection, organisation_id: str, profile: str, model_id: str) -> Model | None:
    """The organisation's living model `profile/model-id`."""
    named = (profiles.c.slug == profile) & (library_models.c.model_id == model_id)
    return await _one(connection, (library_models.c.organisation_id == organisation_id) & named)


async def models_by_ids(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, Model]:
    """The living models of these ids of ours, by id."""
    rows = await connection.execute(LIVING.where(library_models.c.id.in_(ids)))
    return {row.id: model_of(row) for row in rows}


async def models_by_bare_id(
    connection: AsyncConnection, organisation_id: str, model_ids: Collection[str]
) -> Sequence[Model]:
    """The organisation's living models that a provider calls by one of these names, in the order of the profiles."""
    named = (library_models.c.organisation_id == organisation_id) & library_models.c.model_id.in_(model_ids)
    in_order = LIVING.where(named).order_by(profiles.c.position, profiles.c.slug, library_models.c.model_id)
    return [model_of(row) for row in await connection.execute(in_order)]


async def models_of_profile(connection: AsyncConnection, profile_id: str) -> Sequence[Model]:
    """All living models of a profile, in the order of their numbers."""
    query = LIVING.where(library_models.c.profile_id == profile_id).order_by(library_models.c.number)
    return [model_of(row) for row in await connection.execute(query)]


async def list_models(
    connection: AsyncConnection,
    organisation_id: str,
    *,
    wanted: Wanted | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> Sequence[Model]:
    """A page of the organisation's living models in the order of their numbers."""
    query = LIVING.where(library_models.c.organisation_id == organisation_id, *_conditions(wanted or Wanted()))
    if after is not None:
        query = query.where(library_models.c.number > after)
    rows = await connection.execute(query.order_by(library_models.c.number).limit(limit))
    return [model_of(row) for row in rows]


async def count_models(connection: AsyncConnection, organisation_id: str) -> tuple[int, int]:
    """How many living models the organisation has, and how many of them are active."""
    active = sa.func.count().filter(library_models.c.active)
    query = (
        sa.select(sa.func.count(), active)
        .join_from(library_models, profiles)
        .where(library_models.c.organisation_id == organisation_id)
        .where(library_models.c.deleted_at.is_(None), profiles.c.deleted_at.is_(None))
    )
    total, switched_on = (await connection.execute(query)).one()
    return total, switched_on


async def update_model(connection: AsyncConnection, model: Model) -> Model:
    """Write all but ids and profile, if its revision is still the stored one. Raises Stale."""
    theirs = (library_models.c.id == model.id) & (library_models.c.revision == model.revision)
    written = replace(model, revision=model.revision + 1, updated_at=now())
    values = {**_values(written), "revision": written.revision, "updated_at": written.updated_at}
    change = sa.update(library_models).where(theirs, library_models.c.deleted_at.is_(None)).values(values)
    await must_be_current(connection, change, "model")
    return written


async def delete_model(connection: AsyncConnection, model_id: str) -> None:
    """Delete it; the row stays for the ledger's sake. Raises NotFound."""
    change = sa.update(library_models).where(library_models.c.id == model_id, library_models.c.deleted_at.is_(None))
    await must_hit_one(connection, change.values(deleted_at=now(), active=False), "model")


async def deleted_models(
    connection: AsyncConnection,
    organisation_id: str,
    *,
    name: tuple[str, str] | None = None,
    number: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> Sequence[Gone]:
    """The organisation's deleted models, the newest number first: of one name (profile, model id), of one number."""
    query = DELETED.where(library_models.c.organisation_id == organisation_id)
    if name is not None:
        query = query.where(profiles.c.slug == name[0], library_models.c.model_id == name[1])
    if number is not None:
        query = query.where(library_models.c.number == number)
    if before is not None:
        query = query.where(library_models.c.number < before)
    rows = await connection.execute(query.order_by(library_models.c.number.desc()).limit(limit))
    return [Gone(model_of(row), row.deleted_at, row.profile_gone is None) for row in rows]


async def restore_model(connection: AsyncConnection, model_id: str) -> None:
    """Take it back into the library, switched off. Raises NotFound; the transaction's end AlreadyExists."""
    change = sa.update(library_models).where(library_models.c.id == model_id, library_models.c.deleted_at.is_not(None))
    await must_hit_one(connection, change.values(deleted_at=None, active=False), "deleted model")


def model_of(row: Row) -> Model:
    """From a row of LIVING."""
    return Model(
        id=row.id,
        number=row.number,
        organisation_id=row.organisation_id,
        profile_id=row.profile_id,
        profile=row.profile,
        provider=row.provider,
        model_id=row.model_id,
        name=row.name,
        maker=row.maker,
        kind=row.kind,
        context_window=row.context_window,
        max_input=row.max_input,
        max_output=row.max_output,
        knowledge_cutoff=row.knowledge_cutoff,
        retires_on=row.retires_on,
        capabilities=row.capabilities,
        modalities={side: tuple(kinds) for side, kinds in row.modalities.items()},
        sources={name: _told(told) for name, told in row.sources.items()},
        parameters=row.parameters,
        custom=row.custom,
        active=row.active,
        hidden=row.hidden,
        quarantined_because=row.quarantined_because,
        successor_id=row.successor_id,
        notes=row.notes,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        category=row.category,
        privacy=facts_in(row.privacy, "model"),
    )


def _values(model: Model) -> dict[str, object]:
    return {
        **{name: getattr(model, name) for name in AS_THEY_ARE},
        "capabilities": dict(model.capabilities),
        "modalities": {side: list(kinds) for side, kinds in model.modalities.items()},
        "sources": {name: asdict(told) for name, told in model.sources.items()},
        "parameters": dict(model.parameters),
        "privacy": facts_out(model.privacy),
    }


def _told(told: Mapping[str, Any]) -> Told:
    return Told(told["source"], told["as_of"], tuple(told["disagreeing"]))


def _conditions(wanted: Wanted) -> Iterable[sa.ColumnElement[bool]]:
    models = library_models.c
    if wanted.profile_id is not None:
        yield models.profile_id == wanted.profile_id
    if wanted.active is not None:
        yield models.active == wanted.active
    if wanted.hidden is not None:
        yield models.hidden == wanted.hidden
    if wanted.kind is not None:
        yield models.kind == wanted.kind
    if wanted.category is not None:
        yield models.category == wanted.category
    if wanted.ids is not None:
        yield models.id.in_(wanted.ids)
    if wanted.text:
        yield models.name.icontains(wanted.text, autoescape=True) | models.model_id.icontains(
            wanted.text, autoescape=True
        )


async def _one(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Model | None:
    row = (await connection.execute(LIVING.where(condition))).one_or_none()
    return None if row is None else model_of(row)
