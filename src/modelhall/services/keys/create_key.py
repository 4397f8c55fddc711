"""Makes a key by which a program acts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from modelhall.domain.errors import BadRequest, NotFound, RoleTooLow
from modelhall.domain.people import Actor, Member, Role
from modelhall.domain.virtual_keys import new_key, shown
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.keys.key_view import KeyView, key_views
from modelhall.services.keys.within_maker import within_maker
from modelhall.services.models.find_collection import find_models
from modelhall.services.projects.find_project import find_project
from modelhall.services.rights import require
from modelhall.services.words import dollars, line, moment_to_come
from modelhall.storage import keys, members
from modelhall.storage.keys import KeyDraft

MOST_MODELS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What the key is to be."""

    name: str
    models: Sequence[str] | None = None
    """Public names, or `collection:NAME` for those that are in it now; `None` = every active model, empty = none."""
    project: str | None = None
    owner: str | None = None
    """A member's login; without one the key is the actor's own."""
    budget_usd: str | None = None
    """A hard total that never starts anew."""
    role: str | None = None
    """With a role it is a service key: it may use the control API too."""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """The new key."""

    view: KeyView
    text: str = field(repr=False)
    """The key itself; it is told now and never again."""


async def create_key(house: House, actor: Actor, wanted: NewKey) -> CreatedKey:
    """A new key, never wider than who makes it.

    Raises RoleTooLow, BadRequest, NotFound (owner, project, model), AlreadyExists, MasterKeyMismatch.
    """
    require(actor, Role.MEMBER)
    role = _role(actor, wanted.role)
    name = line(wanted.name, "name", 100)
    budget = None if wanted.budget_usd is None else dollars(wanted.budget_usd, "budget_usd")
    expires = None if wanted.expires is None else moment_to_come(wanted.expires, house.clock(), "expires")
    text = new_key()
    async with house.database.change(actor) as change:
        owner = await _owner(change.connection, actor, wanted.owner, role)
        draft = KeyDraft(
            organisation_id=actor.organisation_id,
            member_id=owner.id,
            name=name,
            digest=house.vault.digest(text),
            shown=shown(text),
            project_id=await _project_id(change.connection, actor, wanted.project),
            role=role,
            models=await _model_ids(change.connection, actor, wanted.models),
            expires_at=expires,
            budget_limit=budget,
        )
        key = await keys.insert_key(change.connection, await within_maker(change.connection, actor, draft))
        (view,) = await key_views(change.connection, [key])
        await change.audit("key.create", "key", key.id, key.name, after=told(view))
    return CreatedKey(view, text)


def told(view: KeyView) -> dict[str, object]:
    """What the audit keeps of a key."""
    key = view.key
    return {
        "name": key.name,
        "shown": key.shown,
        "owner": key.member_id,
        "role": key.role.word if key.role else None,
        "models": view.models,
        "project_id": key.project_id,
        "budget_nano": key.budget_limit,
        "expires_at": key.expires_at,
    }


def _role(actor: Actor, word: str | None) -> Role | None:
    if word is None:
        return None
    try:
        role = Role.named(word)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    require(actor, Role.ADMIN)
    return role


async def _owner(connection: Connection, actor: Actor, login: str | None, role: Role | None) -> Member:
    if login is None:
        owner = await members.get_member(connection, actor.member_id)
    else:
        owner = await members.member_by_login(connection, actor.organisation_id, login)
    if owner is None or (owner.id != actor.member_id and actor.role < Role.ADMIN):
        raise NotFound(f"there is no member {(login or actor.member_id)[:80]!r}")
    if role is not None and role > owner.role:
        raise RoleTooLow(f"a key may not do more than its owner: {owner.login} is {owner.role.word}")
    return owner


async def _project_id(connection: Connection, actor: Actor, slug: str | None) -> str | None:
    if slug is None:
        return None
    return (await find_project(connection, actor.organisation_id, slug)).id


async def _model_ids(connection: Connection, actor: Actor, names: Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    if len(names) > MOST_MODELS:
        raise BadRequest(f"models: at most {MOST_MODELS} names; without any the key may call every active model")
    return tuple(model.id for model in await find_models(connection, actor.organisation_id, names))
