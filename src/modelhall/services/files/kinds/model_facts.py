"""What people say of a model itself: kind, limits, date of knowledge, capabilities. Their word comes first."""

from dataclasses import replace
from typing import Any

from modelhall.domain.library import Model, Profile, Told
from modelhall.services.connection import Connection
from modelhall.services.files.kinds.kind import Task, Work
from modelhall.services.house import House
from modelhall.services.models.built_in import BUILT_IN
from modelhall.services.models.edit_model import written
from modelhall.services.models.facts import Facts, facts_here, facts_of
from modelhall.services.models.find_model import find_model
from modelhall.services.models.given_prices import PERSON
from modelhall.services.models.model_view import told
from modelhall.services.models.new_model import KINDS, NewModel, check_limits, own_words
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.words import wrong
from modelhall.storage import models, prices

PLAIN = ("kind", "context_window", "max_input", "max_output", "knowledge_cutoff")
FACTS = (*PLAIN, "capabilities")


def facts_fields(model: Model) -> dict[str, Any]:
    """What of it is a person's word."""
    said = {name: getattr(model, name) for name in PLAIN if _is_persons(model, name)}
    if model.custom and "kind" not in model.sources and model.kind in KINDS:
        # Nobody said so, but a model that somebody described is of this kind until somebody says another.
        said["kind"] = model.kind
    able = {name: can for name, can in sorted(model.capabilities.items()) if _is_persons(model, f"capabilities.{name}")}
    return said | ({"capabilities": able} if able else {})


async def make_model(work: Work, task: Task) -> None:
    """An inactive entry of the library with what catalog and provider say. Raises NotFound, BadRequest, Conflict."""
    slug, _, model_id = task.name.partition("/")
    if not model_id:
        raise wrong("name", "a model's name is profile/model-id")
    async with work.house.database.change(work.actor) as change:
        profile = await find_profile(change.connection, work.actor.organisation_id, slug)
        facts = _facts(work.house, profile, model_id)
        own_words(NewModel(model_id=model_id))
        (model,) = await models.insert_models(change.connection, [facts.model(active=False)])
        for sheet in facts.sheets():
            await prices.append_sheet(
                change.connection, sheet, organisation_id=model.organisation_id, model_id=model.id
            )
        await change.audit("model.add", "model", model.id, model.public_name, after=told(model))


async def set_facts(work: Work, task: Task) -> None:
    """What the file says of it; where it says no more, what catalog and provider say. Raises BadRequest."""
    async with work.house.database.change(work.actor) as change:
        model = await find_model(change.connection, work.actor.organisation_id, task.name)
        new = await _with_facts(work, change.connection, model, task)
        await written(change, model, new)
        if not change.audited:
            change.nothing()


async def _with_facts(work: Work, connection: Connection, model: Model, task: Task) -> Model:
    profile = await find_profile(connection, model.organisation_id, model.profile)
    base, today = _facts(work.house, profile, model.model_id).model(active=False), work.house.clock().date().isoformat()
    given = {name: task.new[name] for name in PLAIN if name in task.new}
    able = task.new.get("capabilities", {})
    words = own_words(NewModel(model_id=model.model_id, capabilities=able, **given))
    sources, plain = dict(model.sources), dict[str, Any]()
    for name in PLAIN:
        if task.differs(name):
            plain[name] = words.get(name, getattr(base, name))
            _set_source(sources, name, Told(PERSON, today) if name in words else base.sources.get(name))
    capabilities = dict(model.capabilities)
    for name in {**(task.old or {}).get("capabilities", {}), **able}:
        value = able.get(name, base.capabilities.get(name))
        _set_source(sources, f"capabilities.{name}", Told(PERSON, today) if name in able else None)
        if value is None:
            capabilities.pop(name, None)
        else:
            capabilities[name] = value
    custom = task.new.get("custom", base.custom if task.old is None else False)
    new = replace(model, **plain, capabilities=dict(sorted(capabilities.items())), sources=sources, custom=custom)
    check_limits(new, words)
    return new


def _facts(house: House, profile: Profile, model_id: str) -> Facts:
    provider = house.providers.get(profile.provider)
    if provider is not None and provider.supervised:
        return facts_of(house, profile, provider, model_id, BUILT_IN)
    return facts_here(house, profile, model_id)


def _is_persons(model: Model, name: str) -> bool:
    source = model.sources.get(name)
    return source is not None and source.source == PERSON


def _set_source(sources: dict[str, Told], name: str, told: Told | None) -> None:
    if told is None:
        sources.pop(name, None)
    else:
        sources[name] = told
