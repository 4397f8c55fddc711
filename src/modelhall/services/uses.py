"""What stands in the way of taking a model away: it is a default, or a key, an alias or another model names it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from modelhall.domain.errors import Conflict
from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.storage import aliases, keys, members, models, organisations, profiles, projects

EVERY = 100_000


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that needs a model."""

    kind: str
    """`key`, `alias`, `project`, `successor`, or whose default it is: `default` for the organisation's, `key_default`,
    `member_default`, `project_default`, `profile_default`."""
    name: str
    model: str

    @property
    def words(self) -> str:
        """As people read it: `key app`, `default of project web`."""
        whose, _, default = self.kind.partition("_")
        return f"default of {whose} {self.name}" if default else f"{self.kind} {self.name}"


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
    refuse_uses(await uses_of(connection, organisation_id, going))


def refuse_uses(uses: Sequence[Use]) -> None:
    """Raises Conflict when there is one."""
    if uses:
        named = ", ".join(use.words for use in uses[:5])
        raise Conflict(
            f"{uses[0].model} is in use by {named}; change that first, name a successor that takes over "
            "(`modelhall model remove … --successor MODEL`), or have an admin remove it with force",
            details={
                "reason": "in_use",
                "uses": [{"kind": use.kind, "name": use.name, "model": use.model} for use in uses[:100]],
            },
        )


async def all_uses_of(connection: Connection, organisation_id: str, going: Sequence[Model]) -> list[Use]:
    """All that would break if these models were taken away, the organisation's default first."""
    organisation = await organisations.get_organisation(connection, organisation_id)
    default = organisation.default_model_id if organisation else None
    first = [Use("default", "default", model.public_name) for model in going if model.id == default]
    return first + await uses_of(connection, organisation_id, going)


async def uses_of(connection: Connection, organisation_id: str, going_models: Sequence[Model]) -> list[Use]:
    """Who needs these models and stays when they go, but for the default. Collections and tags do not count."""
    going = {model.id: model.public_name for model in going_models}
    found: list[Use] = []
    if not going:
        return found
    for key in await keys.list_keys(connection, organisation_id, limit=EVERY):
        found += [Use("key", key.name, going[each]) for each in key.models or () if each in going]
        found += _default("key_default", key.name, key.default_model_id, going)
    for alias in await aliases.list_aliases(connection, organisation_id, limit=EVERY):
        found += [Use("alias", alias.name, going[each]) for each in alias.model_ids if each in going]
    library = await models.list_models(connection, organisation_id, limit=EVERY)
    for model in library:
        if model.successor_id in going and model.id not in going:
            found.append(Use("successor", model.public_name, going[str(model.successor_id)]))
    for project in await projects.list_projects(connection, organisation_id, limit=EVERY):
        found += [Use("project", project.slug, going[each]) for each in project.models or () if each in going]
        found += _default("project_default", project.slug, project.default_model_id, going)
    for member in await members.list_members(connection, organisation_id, limit=EVERY):
        found += _default("member_default", member.handle, member.default_model_id, going)
    staying = {model.profile_id for model in library if model.id not in going}
    for profile in await profiles.list_profiles(connection, organisation_id, limit=EVERY):
        if profile.id in staying:  # a profile that goes with all its models needs none of them
            found += _default("profile_default", profile.slug, profile.default_model_id, going)
    return found


def _default(kind: str, name: str, model_id: str | None, going: Mapping[str, str]) -> Iterable[Use]:
    return [Use(kind, name, going[model_id])] if model_id is not None and model_id in going else []
