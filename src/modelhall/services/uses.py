"""What stands in the way of taking a model away: it is the default, or a key, an alias or another model names it."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhall.domain.errors import Conflict
from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.storage import aliases, keys, models, organisations, projects

EVERY = 100_000


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that needs a model."""

    kind: str
    """`default`, `key`, `alias`, `project` or `successor`."""
    name: str
    model: str


async def is_default(connection: Connection, model: Model) -> bool:
    """Whether it is its organisation's default."""
    organisation = await organisations.get_organisation(connection, model.organisation_id)
    return organisation is not None and organisation.default_model_id == model.id


async def refuse_used_but_default(connection: Connection, organisation_id: str, going: Sequence[Model]) -> None:
    """Raises Conflict when the default is among these models; other uses do not matter."""
    organisation = await organisations.get_organisation(connection, organisation_id)
    default = organisation.default_model_id if organisation else None
    for model in going:
        if model.id == default:
            raise Conflict(
                f"{model.public_name} is the default; set another one first: `modelhall model default MODEL`",
                details={"reason": "is_default", "model": model.public_name},
            )


async def refuse_used(connection: Connection, organisation_id: str, going: Sequence[Model]) -> None:
    """Raises Conflict when one of these models is the default, or something that stays names it."""
    await refuse_used_but_default(connection, organisation_id, going)
    uses = await _uses(connection, organisation_id, {model.id: model.public_name for model in going})
    if uses:
        named = ", ".join(f"{use.kind} {use.name}" for use in uses[:5])
        raise Conflict(
            f"{uses[0].model} is in use by {named}; change that first, or have an admin remove it with force",
            details={
                "reason": "in_use",
                "uses": [{"kind": use.kind, "name": use.name, "model": use.model} for use in uses[:100]],
            },
        )


async def uses_of(connection: Connection, organisation_id: str, going: Sequence[Model]) -> list[Use]:
    """All that would break if these models were taken away, the default first."""
    organisation = await organisations.get_organisation(connection, organisation_id)
    default = organisation.default_model_id if organisation else None
    first = [Use("default", "default", model.public_name) for model in going if model.id == default]
    return first + await _uses(connection, organisation_id, {model.id: model.public_name for model in going})


async def _uses(connection: Connection, organisation_id: str, going: dict[str, str]) -> list[Use]:
    found: list[Use] = []
    if not going:
        return found
    for key in await keys.list_keys(connection, organisation_id, limit=EVERY):
        found += [Use("key", key.name, going[each]) for each in key.models or () if each in going]
    for alias in await aliases.list_aliases(connection, organisation_id, limit=EVERY):
        found += [Use("alias", alias.name, going[each]) for each in alias.model_ids if each in going]
    for project in await projects.list_projects(connection, organisation_id, limit=EVERY):
        named = dict.fromkeys([*(project.models or ()), *filter(None, [project.default_model_id])])
        found += [Use("project", project.slug, going[each]) for each in named if each in going]
    for model in await models.list_models(connection, organisation_id, limit=EVERY):
        if model.successor_id in going and model.id not in going:
            found.append(Use("successor", model.public_name, going[str(model.successor_id)]))
    return found
