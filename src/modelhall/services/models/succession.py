"""A model takes another one's place wherever that one is named; and gives it back."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelhall.domain.errors import RoleTooLow
from modelhall.domain.library import Model
from modelhall.domain.people import Role
from modelhall.services.models.default_model import default_id, move_default
from modelhall.services.models.rules import refuse_unusable, refused
from modelhall.services.uses import EVERY
from modelhall.storage import aliases, keys, members, models, profiles, projects
from modelhall.storage.database import Change


@dataclass(frozen=True, slots=True)
class Moved:
    """One place where a model was named, with the ids that stood there before and that stand there now."""

    kind: str
    """`alias`, `key`, `project`, `successor`, `default`; whose: `key_default`, `member_default`, `project_default`,
    `profile_default`."""
    id: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def told(self) -> dict[str, object]:
        """As the audit keeps it."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "before": list(self.before),
            "after": list(self.after),
        }


async def take_over(change: Change, model: Model, successor: Model) -> list[Moved]:
    """Put the successor wherever the model is named. Nothing is written before it is clear that all can be.

    Raises Conflict when calls cannot go to it, or it is the same; RoleTooLow for what is other people's.
    """
    if successor.id == model.id:
        raise refused(model, "successor_circle", "cannot be its own successor")
    refuse_unusable(successor)
    places = [place async for place in _places(change, model)]
    moved = [replace(place, after=_exchanged(place.before, model.id, successor.id)) for place in places]
    # Whom the model was to follow may be the successor itself, or next in its line: nobody follows himself.
    line = (successor.id, successor.successor_id)
    moved = [replace(each, after=()) if each.kind == "successor" and each.id in line else each for each in moved]
    if successor.profile_id != model.profile_id:  # a profile's default is one of its own models
        moved = [replace(each, after=()) if each.kind == "profile_default" else each for each in moved]
    await _refuse_foreign(change, moved)
    for each in moved:
        await _write(change, each, each.after)
    return moved


async def give_back(change: Change, told: Iterable[Mapping[str, Any]]) -> list[str]:
    """Put back what stood in the places that `take_over` told of; gives those that were changed since, and stay.

    Raises RoleTooLow for what is other people's.
    """
    kept: list[str] = []
    places = [Moved(e["kind"], e["id"], e["name"], tuple(e["before"]), tuple(e["after"])) for e in told]
    await _refuse_foreign(change, places)
    for place in places:
        if await _present(change, place) != place.after:
            kept.append(f"{place.kind.replace('_', ' ')} {place.name}")
            continue
        await _write(change, place, place.before)
    return kept


async def _refuse_foreign(change: Change, places: Iterable[Moved]) -> None:
    """Other people's keys and defaults, projects and profiles are an admin's to change. Raises RoleTooLow."""
    actor = change.actor
    for place in places if actor.role < Role.ADMIN else ():
        if place.kind == "member_default":
            foreign = place.id != actor.member_id
        elif place.kind in ("key", "key_default"):
            key = await keys.get_key(change.connection, place.id)
            foreign = key is not None and key.member_id != actor.member_id
        else:
            foreign = place.kind in ("project", "project_default", "profile_default")
        if foreign:
            words = f"{place.kind.replace('_', ' ')} {place.name}"
            raise RoleTooLow(f"{words} would change with it, which is not yours; ask an admin")


def _exchanged(ids: Sequence[str], old: str, new: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(new if each == old else each for each in ids))


async def _places(change: Change, model: Model) -> AsyncIterator[Moved]:
    connection, organisation_id = change.connection, model.organisation_id
    for alias in await aliases.list_aliases(connection, organisation_id, limit=EVERY):
        if model.id in alias.model_ids:
            yield Moved("alias", alias.id, alias.name, alias.model_ids, ())
    for key in await keys.list_keys(connection, organisation_id, limit=EVERY):
        if model.id in (key.models or ()):
            yield Moved("key", key.id, key.name, key.models or (), ())
        if key.default_model_id == model.id:
            yield Moved("key_default", key.id, key.name, (model.id,), ())
    for other in await models.list_models(connection, organisation_id, limit=EVERY):
        if other.successor_id == model.id:
            yield Moved("successor", other.id, other.public_name, (model.id,), ())
    async for place in _defaults(change, model):
        yield place


async def _defaults(change: Change, model: Model) -> AsyncIterator[Moved]:
    connection, organisation_id = change.connection, model.organisation_id
    if await default_id(connection, organisation_id) == model.id:
        yield Moved("default", organisation_id, "", (model.id,), ())
    for project in await projects.list_projects(connection, organisation_id, limit=EVERY):
        if model.id in (project.models or ()):
            yield Moved("project", project.id, project.slug, project.models or (), ())
        if project.default_model_id == model.id:
            yield Moved("project_default", project.id, project.slug, (model.id,), ())
    for member in await members.list_members(connection, organisation_id, limit=EVERY):
        if member.default_model_id == model.id:
            yield Moved("member_default", member.id, member.id, (model.id,), ())
    profile = await profiles.get_profile(connection, model.profile_id)
    if profile is not None and profile.default_model_id == model.id:
        yield Moved("profile_default", profile.id, profile.slug, (model.id,), ())


async def _present(change: Change, place: Moved) -> tuple[str, ...] | None:
    """What stands there now; `None`: the place is no more."""
    connection = change.connection
    match place.kind:
        case "default":
            return _one(await default_id(connection, place.id))
        case "alias":
            alias = await aliases.get_alias(connection, place.id)
            return alias and alias.model_ids
        case "key":
            key = await keys.get_key(connection, place.id)
            return key and key.models
        case "key_default":
            key = await keys.get_key(connection, place.id)
            return key and _one(key.default_model_id)
        case "project":
            project = await projects.get_project(connection, place.id)
            return project and project.models
        case "project_default":
            project = await projects.get_project(connection, place.id)
            return project and _one(project.default_model_id)
        case "member_default":
            member = await members.get_member(connection, place.id)
            return member and _one(member.default_model_id)
        case "profile_default":
            profile = await profiles.get_profile(connection, place.id)
            return profile and _one(profile.default_model_id)
        case _:
            model = await models.get_model(connection, place.id)
            return model and _one(model.successor_id)


def _one(model_id: str | None) -> tuple[str, ...]:
    return () if model_id is None else (model_id,)


async def _write(change: Change, place: Moved, ids: tuple[str, ...]) -> None:
    """Have these ids stand there, and write it into the audit of what was changed."""
    only = ids[0] if ids else None
    if place.kind == "default":
        await move_default(change, None if only is None else await models.get_model(change.connection, only))
        return
    connection = change.connection
    if place.kind == "alias" and (alias := await aliases.get_alias(connection, place.id)):
        await aliases.update_alias(connection, replace(alias, model_ids=ids))
    elif place.kind in ("key", "key_default") and (key := await keys.get_key(connection, place.id)):
        new = replace(key, models=ids) if place.kind == "key" else replace(key, default_model_id=only)
        await keys.update_key(connection, new)
    elif place.kind in ("project", "project_default") and (project := await projects.get_project(connection, place.id)):
        grown = replace(project, models=ids) if place.kind == "project" else replace(project, default_model_id=only)
        await projects.update_project(connection, grown)
    elif place.kind == "member_default" and (member := await members.get_member(connection, place.id)):
        await members.update_member(connection, replace(member, default_model_id=only))
    elif place.kind == "profile_default" and (profile := await profiles.get_profile(connection, place.id)):
        await profiles.update_profile(connection, replace(profile, default_model_id=only))
    elif place.kind == "successor" and (model := await models.get_model(connection, place.id)):
        await models.update_model(connection, replace(model, successor_id=only))
    await _audit(change, place, ids)


async def _audit(change: Change, place: Moved, ids: tuple[str, ...]) -> None:
    """Beside the change that moved it: the object has a row of its own."""
    object_kind = {"successor": "model"}.get(place.kind, place.kind.partition("_")[0])
    field = (
        "models"
        if place.kind in ("alias", "key", "project")
        else "successor"
        if place.kind == "successor"
        else "default"
    )
    before, after = await _names(change, place.before), await _names(change, place.after)
    if ids == place.before:
        before, after = after, before
    await change.audit(
        f"{object_kind}.succession", object_kind, place.id, place.name, before={field: before}, after={field: after}
    )


async def _names(change: Change, ids: Sequence[str]) -> list[str]:
    found = await models.models_by_ids(change.connection, ids)
    return [found[each].public_name if each in found else each for each in ids]
