"""Enters a price for a model by hand. It holds from now on; what was used before keeps its own price."""

from collections.abc import Mapping
from dataclasses import replace

from modelhall.domain.errors import BadRequest
from modelhall.domain.ids import new_id
from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.domain.prices import PriceSheet
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.facts import facts_here
from modelhall.services.models.find_model import find_model
from modelhall.services.models.given_prices import given_prices
from modelhall.services.models.model_view import TakenModel, model_views
from modelhall.services.rights import require
from modelhall.storage import members, prices, profiles


async def price_model(house: House, actor: Actor, name: str, given: Mapping[str, str]) -> TakenModel:
    """The model with its new price: `given` has decimal US dollars by usage class and unit, all that are known.

    Raises RoleTooLow, UnknownModel, BadRequest.
    """
    require(actor, Role.ADMIN)
    wanted = given_prices(given)
    if wanted is None:
        raise BadRequest("name at least one price, such as input_per_mtok and output_per_mtok")
    async with house.database.change(actor) as change:
        model = await find_model(change.connection, actor.organisation_id, name)
        (old,) = await model_views(house, change.connection, actor.organisation_id, [model])
        member = await members.get_member(change.connection, actor.member_id)
        sheet = wanted.sheet(house.clock(), member.handle if member else None)
        await enter_price(change.connection, model, sheet)
        before, after = (None if each is None else told(each) for each in (old.price, sheet))
        await change.audit("price.set", "model", model.id, model.public_name, before=before, after=after)
        (view,) = await model_views(house, change.connection, actor.organisation_id, [model])
        profile = await profiles.get_profile(change.connection, model.profile_id)
    listed = facts_here(house, profile, model.model_id).listed if profile else None
    return TakenModel(view, wanted.oddities(listed.rates if listed else ()))


async def enter_price(connection: Connection, model: Model, sheet: PriceSheet) -> None:
    """Have a person's price hold from its moment on, also when one that was announced would come into force."""
    announced = (await prices.current_sheets(connection, sheet.valid_from, [model.id])).get(model.id, ())
    later = [each.valid_from for each in announced if each.valid_from > sheet.valid_from]
    for begins in (sheet.valid_from, *later):
        each = sheet if begins == sheet.valid_from else replace(sheet, id=new_id(), valid_from=begins)
        await prices.append_sheet(connection, each, organisation_id=model.organisation_id, model_id=model.id)


def told(sheet: PriceSheet) -> dict[str, object]:
    """What the audit keeps of a price."""
    return {
        "sheet_id": sheet.id,
        "valid_from": sheet.valid_from,
        "source": sheet.passport.source,
        "rates": [
            {
                "class": each.usage_class,
                "usd_per_million": each.usd_per_million,
                "context_over": each.context_over,
                "service_tier": each.service_tier,
            }
            for each in sheet.rates
        ],
    }
