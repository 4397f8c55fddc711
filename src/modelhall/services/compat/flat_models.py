"""Reads, adds, changes and removes models as older programs do."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from modelhall.domain.errors import AlreadyExists
from modelhall.domain.library import Model, Told
from modelhall.domain.people import Actor, Role
from modelhall.services.compat.flat_model import ENDPOINTS, OF_PROVIDER, FlatModel, flat, numbered
from modelhall.services.house import House
from modelhall.services.models.add_model import insert_described, login_of
from modelhall.services.models.edit_model import written
from modelhall.services.models.given_prices import PERSON, GivenPrices
from modelhall.services.models.model_view import model_views
from modelhall.services.models.new_model import NewModel, check_limits, day
from modelhall.services.models.new_model import is_name as is_model_id
from modelhall.services.models.price_model import enter_price
from modelhall.services.models.price_model import told as told_price
from modelhall.services.models.profile_for import Place, profile_for
from modelhall.services.models.remove_model import removed
from modelhall.services.rights import require
from modelhall.services.words import line, wrong
from modelhall.storage import models
from modelhall.storage.database import Change

EVERY = 100_000
TAKEN = "Model ID already exists"
_FIELDS = {"name": "name", "model_id": "model_id", "context_window": "context_window", "max_output": "max_output"}
_PRICES = {"input_price_per_mtok": "input", "output_price_per_mtok": "output"}


async def list_flat(house: House, actor: Actor) -> list[FlatModel]:
    """All models that have an endpoint type, active or not, in the order of their ids. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        found = await models.list_models(connection, actor.organisation_id, limit=EVERY)
        known = [model for model in found if model.provider in OF_PROVIDER]
        return [flat(view) for view in await model_views(house, connection, actor.organisation_id, known)]


async def show_flat(house: House, actor: Actor, number: int) -> FlatModel:
    """One of them. Raises RoleTooLow, NotFound."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        model = await numbered(connection, actor, number)
        (view,) = await model_views(house, connection, actor.organisation_id, [model])
    return flat(view)


async def add_flat(house: House, actor: Actor, place: Place, wanted: NewModel) -> FlatModel:
    """A new one, in the first profile of its endpoint type; without any, a profile without a key is made.

    Raises RoleTooLow, BadRequest with the place, AlreadyExists.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        profile = await profile_for(house, change, actor, place)
        if await models.model_by_name(change.connection, actor.organisation_id, profile.slug, wanted.model_id):
            raise AlreadyExists(TAKEN)
        added = await insert_described(house, change, actor, profile, wanted)
    return flat(added.view)


async def edit_flat(house: House, actor: Actor, number: int, sent: dict[str, Any]) -> FlatModel:
    """Changes what was sent of it. Raises RoleTooLow, NotFound, BadRequest, AlreadyExists, Conflict (the default)."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        old = await numbered(change.connection, actor, number)
        new = _edited(old, sent, house.clock().date().isoformat())
        if new.model_id != old.model_id and await _is_taken(change, new):
            raise AlreadyExists(TAKEN)
        new = await written(change, old, new)
        await _price(house, change, actor, new, {_PRICES[name]: sent[name] for name in _PRICES if name in sent})
        if not change.audited:
            change.nothing()
        (view,) = await model_views(house, change.connection, actor.organisation_id, [new])
    return flat(view)


async def remove_flat(house: House, actor: Actor, number: int) -> None:
    """Takes it out of the library. Raises RoleTooLow, NotFound, Conflict (the default, or something names it)."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        model = await numbered(change.connection, actor, number)
        await removed(change, model)


async def _is_taken(change: Change, model: Model) -> bool:
    there = await models.model_by_name(change.connection, model.organisation_id, model.profile, model.model_id)
    return there is not None


async def _price(house: House, change: Change, actor: Actor, model: Model, given: dict[str, Decimal]) -> None:
    """A new sheet, in which the prices that were not sent stay as they are."""
    if not given:
        return
    (old,) = await model_views(house, change.connection, actor.organisation_id, [model])
    others = old.price.rates if old.price else ()
    sheet = GivenPrices(given).sheet(house.clock(), await login_of(change.connection, actor), others)
    await enter_price(change.connection, model, sheet)
    before = None if old.price is None else told_price(old.price)
    await change.audit("price.set", "model", model.id, model.public_name, before=before, after=told_price(sheet))


def _edited(old: Model, sent: dict[str, Any], today: str) -> Model:
    if "endpoint_type" in sent and ENDPOINTS[sent["endpoint_type"]] != old.provider:
        raise wrong("endpointType", "a model stays where it is; create it there and delete this one")
    fields = {_FIELDS[name]: value for name, value in sent.items() if name in _FIELDS}
    if "name" in fields:
        fields["name"] = line(fields["name"], "name")
    if not is_model_id(fields.get("model_id", old.model_id)):
        raise wrong("modelId", "must be printable, without blanks around it")
    if "knowledge_cutoff" in sent:
        fields["knowledge_cutoff"] = day(sent["knowledge_cutoff"], "knowledgeCutoff")
    capabilities = dict(old.capabilities)
    if "thinking" in sent and sent["thinking"] != (old.capabilities.get("reasoning") is True):
        capabilities["reasoning"] = sent["thinking"]
    changed = {name for name, value in fields.items() if value != getattr(old, name)}
    changed |= {"capabilities.reasoning"} if capabilities != old.capabilities else set()
    sources = {**old.sources, **dict.fromkeys(sorted(changed - {"model_id"}), Told(PERSON, today))}
    active = sent.get("is_active", old.active)
    new = replace(old, **fields, active=active, capabilities=capabilities, sources=sources)
    check_limits(new, fields)
    return new
