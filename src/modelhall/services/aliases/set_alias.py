"""Makes an alias, or replaces what it says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from modelhall.domain.errors import Stale
from modelhall.domain.library import Alias
from modelhall.domain.people import Actor, Role
from modelhall.services.aliases.alias_view import AliasView, alias_views, told
from modelhall.services.aliases.find_target import find_target
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.find_collection import PREFIX, find_models
from modelhall.services.rights import require
from modelhall.services.words import rate, slug, wrong
from modelhall.storage import aliases

RESERVED = frozenset({"default"})
MOST_TARGETS = 32


@dataclass(frozen=True, slots=True)
class AliasSet:
    """The alias as it is, and as it was."""

    view: AliasView
    before: AliasView | None
    """`None`: there was none of that name."""


async def set_alias(
    house: House,
    actor: Actor,
    name: str,
    names: Sequence[str],
    *,
    ceiling: str | None = None,
    if_revision: int | None = None,
) -> AliasSet:
    """Have the name lead to these models, the preferred first. Targets that cannot be used now are kept and told.

    `ceiling`: decimal US dollars per million tokens. Raises RoleTooLow, BadRequest, UnknownModel, Stale.
    """
    require(actor, Role.MEMBER)
    most = None if ceiling is None else rate(ceiling, "ceiling_usd_per_mtok")
    _check(slug(name, "name"), names)
    async with house.database.change(actor) as change:
        connection, organisation_id = change.connection, actor.organisation_id
        model_ids = await _model_ids(connection, organisation_id, names)
        old = await aliases.alias_by_name(connection, organisation_id, name)
        before = None if old is None else (await alias_views(house, connection, organisation_id, [old]))[0]
        _refuse_stale(name, before, if_revision)
        new = await _written(connection, organisation_id, old, name, model_ids, most)
        (view,) = await alias_views(house, connection, organisation_id, [new])
        if new == old:
            change.nothing()
        else:
            was = None if before is None else told(before)
            await change.audit("alias.set", "alias", new.id, name, before=was, after=told(view))
    return AliasSet(view, before)


def _check(name: str, names: Sequence[str]) -> None:
    if name in RESERVED:
        raise wrong("name", f"{name} always means the default model; take another name")
    if not 1 <= len(names) <= MOST_TARGETS:
        raise wrong("models", f"name 1 to {MOST_TARGETS} models, the preferred first")


async def _model_ids(connection: Connection, organisation_id: str, names: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in names:
        if name.startswith(PREFIX):
            found |= {model.id: name[:120] for model in await find_models(connection, organisation_id, [name])}
            continue
        model = await find_target(connection, organisation_id, name)
        if model.id in found:
            raise wrong("models", f"{found[model.id]} and {name[:120]} are the same model; name it once")
        found[model.id] = name[:120]
    if not 1 <= len(found) <= MOST_TARGETS:
        raise wrong("models", f"name 1 to {MOST_TARGETS} models, the preferred first")
    return tuple(found)


def _refuse_stale(name: str, before: AliasView | None, if_revision: int | None) -> None:
    if if_revision is not None and (before is None or before.revision != if_revision):
        raise Stale(f"alias {name} was changed since you read it; read it again, then change it")


async def _written(
    connection: Connection,
    organisation_id: str,
    old: Alias | None,
    name: str,
    model_ids: tuple[str, ...],
    ceiling: Decimal | None,
) -> Alias:
    if old is None:
        return await aliases.insert_alias(
            connection,
            organisation_id=organisation_id,
            name=name,
            model_ids=model_ids,
            ceiling_usd_per_mtok=ceiling,
        )
    new = replace(old, model_ids=model_ids, ceiling_usd_per_mtok=ceiling)
    if new != old:
        await aliases.update_alias(connection, new)
    return new
