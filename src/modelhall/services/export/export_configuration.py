"""Writes the configuration as TOML: no ids, no times, no secrets, so that two exports can be compared line by line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from modelhall.domain.library import Model, Profile
from modelhall.domain.people import Actor, Project, Role
from modelhall.domain.policies import NOTHING, Policy, policy_words
from modelhall.domain.prices import PriceSheet
from modelhall.domain.privacy import Facts
from modelhall.providers.parameters import stored_of
from modelhall.services.export.toml import Table, table
from modelhall.services.house import House
from modelhall.services.models.library_settings import library_settings
from modelhall.services.models.own_parameters import own_parameters
from modelhall.services.rights import require
from modelhall.services.uses import EVERY
from modelhall.storage import aliases, collections, models, organisations, prices, profiles, projects, tags
from modelhall.storage.policies import evidence_told

HEAD = "# Modelhall's configuration. Keys and the values of headers are not in it."
BY_HAND = "person"


async def export_configuration(house: House, actor: Actor) -> str:
    """Profiles, models with what was entered by hand, collections, aliases, projects, default. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    organisation_id = actor.organisation_id
    async with house.database.read() as connection:
        organisation = await organisations.get_organisation(connection, organisation_id)
        accounts = await profiles.list_profiles(connection, organisation_id, limit=EVERY)
        library = await models.list_models(connection, organisation_id, limit=EVERY)
        sheets = await prices.current_sheets(connection, house.clock())
        names = await aliases.list_aliases(connection, organisation_id, limit=EVERY)
        sets = await collections.list_collections(connection, organisation_id, limit=EVERY)
        labels = await tags.tags_of_models(connection, [model.id for model in library])
        kept = await library_settings(connection, organisation_id)
        groups = await projects.list_projects(connection, organisation_id, limit=EVERY)
    public = {model.id: model.public_name for model in library}
    default = public.get(organisation.default_model_id or "") if organisation else None
    whole = {"default_model": default, "activate_on_sync": kept.activate_on_sync or None}
    parts = [HEAD, table("[organisation]", whole)]
    parts += _policy("organisation", organisation.policy if organisation else NOTHING)
    for profile in sorted(accounts, key=lambda each: (each.position, each.slug)):
        parts += [*_profile(profile, public), *_evidence("profile", profile.privacy)]
    parts += _models(library, sheets, labels)
    parts += [
        table("[[collection]]", {"name": each.name, "models": [public[held] for held in each.model_ids]})
        for each in sorted(sets, key=lambda each: each.name)
    ]
    parts += [
        table(
            "[[alias]]",
            {
                "name": each.name,
                "models": [public[target] for target in each.model_ids if target in public],
                "ceiling_usd_per_mtok": each.ceiling_usd_per_mtok,
            },
        )
        for each in sorted(names, key=lambda each: each.name)
    ]
    for project in sorted(groups, key=lambda each: each.slug):
        parts += _project(project, public)
    return "\n\n".join(parts) + "\n"


def _profile(profile: Profile, public: Mapping[str, str]) -> Iterable[str]:
    references = [each.reference for each in profile.secrets if each.reference]
    yield table(
        "[[profile]]",
        {
            "id": profile.slug,
            "provider": profile.provider,
            "name": profile.name,
            "base_url": profile.base_url,
            "organisation": profile.organisation_header,
            "region": profile.region,
            "notes": profile.notes,
            "purpose": profile.purpose,
            "residency": profile.residency,
            "enabled": None if profile.disabled_at is None else False,
            "default_model": public.get(profile.default_model_id or ""),
            "allow_private": profile.allow_private or None,
            "header_names": sorted(profile.headers) or None,
            "key": references[0] if references else None,
            "further_keys": references[1:] or None,
        },
    )
    if profile.parameters:
        yield table("[profile.parameters]", cast("Table", profile.parameters))


def _project(project: Project, public: Mapping[str, str]) -> Iterable[str]:
    allowed = None if project.models is None else [public[each] for each in project.models if each in public]
    yield table(
        "[[project]]",
        {
            "id": project.slug,
            "name": project.name,
            "default_model": public.get(project.default_model_id or ""),
            "models": allowed,
            "notes": project.notes,
        },
    )
    if project.parameters:
        yield table("[project.parameters]", cast("Table", project.parameters))
    yield from _policy("project", project.policy)


def _policy(whose: str, policy: Policy) -> Iterable[str]:
    if policy.demanded:
        yield table(f"[{whose}.policy]", cast("Table", policy_words(policy)))


def _evidence(whose: str, facts: Facts) -> Iterable[str]:
    for fact, evidence in facts.items():
        yield table(f"[{whose}.evidence.{fact}]", cast("Table", evidence_told(evidence)))


def _models(
    library: Sequence[Model], sheets: Mapping[str, Sequence[PriceSheet]], labels: Mapping[str, Sequence[str]]
) -> Iterable[str]:
    public = {model.id: model.public_name for model in library}
    for model in sorted(library, key=lambda each: each.public_name):
        values: dict[str, str | bool | list[str] | None] = {
            "name": model.public_name,
            "active": model.active,
            "hidden": model.hidden or None,
            "title": model.name if model.name != model.model_id else None,
            "notes": model.notes,
            "category": model.category,
            "tags": [*labels.get(model.id, ())] or None,
            "successor": public.get(model.successor_id or ""),
        }
        yield table("[[model]]", values)
        for name, word in own_parameters(model).items():
            yield table(f"[model.parameters.{name}]", word)
        yield from _evidence("model", model.privacy)
        if stored := stored_of(model):
            yield table("[model.defaults]", cast("Table", stored))
        by_hand = [sheet for sheet in sheets.get(model.id, ()) if sheet.passport.source == BY_HAND]
        if by_hand:
            rates = {f"{rate.usage_class}_per_mtok": rate.usd_per_million for rate in by_hand[-1].rates}
            yield table("[model.price]", rates)
