"""Enters a price for a model by hand. It holds from now on; what was used before keeps its own price."""

from collections.abc import Mapping
from datetime import datetime

from modelhall.domain.errors import BadRequest
from modelhall.domain.ids import new_id
from modelhall.domain.people import Actor, Role
from modelhall.domain.prices import Passport, PriceSheet, Rate
from modelhall.domain.usage import USAGE_CLASSES
from modelhall.services.house import House
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import ModelView, model_views
from modelhall.services.rights import require
from modelhall.services.words import rate
from modelhall.storage import members, prices

SUFFIX = "_per_mtok"


async def price_model(house: House, actor: Actor, name: str, rates: Mapping[str, str]) -> ModelView:
    """The model with its new price: `rates` has decimal US dollars per million by usage class, all that are known.

    Raises RoleTooLow, UnknownModel, BadRequest.
    """
    require(actor, Role.ADMIN)
    wanted = _checked(rates)
    async with house.database.change(actor) as change:
        model = await find_model(change.connection, actor.organisation_id, name)
        (old,) = await model_views(house, change.connection, actor.organisation_id, [model])
        member = await members.get_member(change.connection, actor.member_id)
        sheet = _sheet(wanted, house.clock(), member.login if member else None)
        await prices.append_sheet(change.connection, sheet, organisation_id=actor.organisation_id, model_id=model.id)
        before, after = (None if each is None else told(each) for each in (old.price, sheet))
        await change.audit("price.set", "model", model.id, model.public_name, before=before, after=after)
        (view,) = await model_views(house, change.connection, actor.organisation_id, [model])
    return view


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


def _checked(rates: Mapping[str, str]) -> list[Rate]:
    if not rates:
        raise BadRequest(f"name at least one price, such as input{SUFFIX} and output{SUFFIX}")
    unknown = [name for name in rates if name not in USAGE_CLASSES]
    if unknown:
        raise BadRequest(f"there is no usage class {unknown[0][:40]!r}; there are {', '.join(USAGE_CLASSES)}")
    return [Rate(name, rate(text, name + SUFFIX)) for name, text in rates.items()]


def _sheet(rates: list[Rate], now: datetime, who: str | None) -> PriceSheet:
    passport = Passport("per_mtok", "person", now.date().isoformat(), who)
    return PriceSheet(new_id(), now, tuple(rates), passport)
