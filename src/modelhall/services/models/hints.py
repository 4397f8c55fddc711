"""Which models of the library deserve a look, why, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from modelhall.catalog.model import CatalogModel
from modelhall.domain.library import Model, Profile
from modelhall.domain.people import Actor, Role
from modelhall.domain.prices import STANDARD, PriceSheet, Rate
from modelhall.gateway.metering import OK, PROVIDERS_FAULT
from modelhall.services.health.model_health import LEAST_ATTEMPTS
from modelhall.services.house import House
from modelhall.services.models.default_model import default_id
from modelhall.services.models.facts import catalog_name
from modelhall.services.models.model_view import price_now
from modelhall.services.rights import require
from modelhall.services.uses import EVERY
from modelhall.storage import models, prices, profiles
from modelhall.storage.rollups import Pulse, last_used, pulses

UNUSED_DAYS = 90
OBSERVED = timedelta(days=7)
"""How long a model is switched off before it may as well go."""
DOWN = timedelta(hours=24)
RETIRING = timedelta(days=90)
BY_HAND = "person"
SIDES = ("input", "output")
WEIGHTY = frozenset({"tools", "vision", "json_schema", "reasoning", "documents", "audio_input", "image_output"})
"""Capabilities whose loss would be felt."""

Kind = Literal[
    "unused", "set_aside", "retired", "retires_soon", "newer_model", "down", "price_changed", "price_will_change"
]


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing about one model."""

    model: str
    kind: Kind
    words: str
    to_do: str
    """A command, or what to decide."""
    suggestion: str | None = None
    """The public name of another model, in the library or still to be synced."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one model while it is looked at."""

    model: Model
    default: bool
    last: datetime | None
    pulse: Pulse | None
    price: PriceSheet | None
    announced: Sequence[PriceSheet]
    listed: CatalogModel | None
    newer: CatalogModel | None
    there: frozenset[str]
    """Public names in the library."""


async def model_hints(house: House, actor: Actor, *, unused_days: int = UNUSED_DAYS) -> list[Hint]:
    """For every model of the library, by name. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    organisation_id, now = actor.organisation_id, house.clock()
    async with house.database.read() as connection:
        library = await models.list_models(connection, organisation_id, limit=EVERY)
        accounts = {each.id: each for each in await profiles.list_profiles(connection, organisation_id, limit=EVERY)}
        sheets = await prices.current_sheets(connection, now)
        used = await last_used(connection, organisation_id)
        beats = {pulse.model_id: pulse for pulse in await pulses(connection, organisation_id, now - DOWN)}
        default = await default_id(connection, organisation_id)
    shelf = _Shelf(house)
    there = frozenset(model.public_name for model in library)
    found: list[Hint] = []
    for model in sorted(library, key=lambda each: each.public_name):
        theirs = sheets.get(model.id, ())
        price = price_now(house, model, theirs)
        listed = shelf.listed(accounts[model.profile_id], model)
        known = _Known(
            model,
            model.id == default,
            used.get(model.id),
            beats.get(model.id),
            price,
            [sheet for sheet in theirs if sheet.valid_from > now and (price is None or price.rates != sheet.rates)],
            listed,
            shelf.newer(accounts[model.profile_id], listed, price, now) if listed else None,
            there,
        )
        found += _hints(known, now, timedelta(days=unused_days))
    return found


def _hints(known: _Known, now: datetime, patience: timedelta) -> Iterator[Hint]:
    yield from _use(known, now, patience)
    yield from _end(known, now)
    yield from _newer(known)
    yield from _down(known)
    yield from _price(known)


def _use(known: _Known, now: datetime, patience: timedelta) -> Iterator[Hint]:
    model, name = known.model, known.model.public_name
    told = "never" if known.last is None else f"last on {known.last:%Y-%m-%d}"
    if (known.last or model.created_at) > now - patience or known.default:
        return
    if model.active:
        words = f"switched on, and called {told}"
        yield Hint(
            name, "unused", words, f"modelhall model deactivate {name}; if nobody misses it in a week, remove it"
        )
    elif model.updated_at <= now - OBSERVED:
        words = f"switched off since {model.updated_at:%Y-%m-%d} or longer, and called {told}"
        yield Hint(name, "set_aside", words, f"modelhall model remove {name}; it can be restored")


def _end(known: _Known, now: datetime) -> Iterator[Hint]:
    model, name = known.model, known.model.public_name
    ends = model.retires_on
    if ends is None:
        return
    suggestion = None if known.newer is None else f"{model.profile}/{known.newer.id}"
    to_do = f"modelhall model remove {name} --successor {suggestion or 'MODEL'}"
    if ends <= now.date().isoformat():
        yield Hint(name, "retired", f"its provider took it out of service on {ends}", to_do, suggestion)
    elif ends <= (now + RETIRING).date().isoformat():
        yield Hint(name, "retires_soon", f"its provider takes it out of service on {ends}", to_do, suggestion)


def _newer(known: _Known) -> Iterator[Hint]:
    model, newer = known.model, known.newer
    if newer is None or not model.active:
        return
    suggestion = f"{model.profile}/{newer.id}"
    words = f"{newer.name} of the same family came out on {newer.released} and is not dearer"
    first = "" if suggestion in known.there else f"modelhall model sync {model.profile} {newer.id} --activate; "
    to_do = f"{first}try it, then modelhall model remove {model.public_name} --successor {suggestion}"
    yield Hint(model.public_name, "newer_model", words, to_do, suggestion)


def _down(known: _Known) -> Iterator[Hint]:
    pulse = known.pulse
    if pulse is None or pulse.attempts.get(OK, 0):
        return
    failures = sum(pulse.attempts.get(status, 0) for status in PROVIDERS_FAULT)
    if failures >= LEAST_ATTEMPTS:
        name = known.model.public_name
        words = f"none of {failures} attempts of the last 24 hours came through"
        yield Hint(name, "down", words, f"modelhall model deactivate {name}, or lead its aliases elsewhere")


def _price(known: _Known) -> Iterator[Hint]:
    model, name, price = known.model, known.model.public_name, known.price
    for sheet in known.announced[:1]:
        words = f"from {sheet.valid_from:%Y-%m-%d} on it costs {_told(_usual(sheet.rates))}"
        yield Hint(name, "price_will_change", words, "nothing to enter; see whether budgets still fit")
    if price is None or known.listed is None or price.passport.source in (BY_HAND, model.provider, "local"):
        return
    before, after = _usual(price.rates), _usual(known.listed.rates)
    differing = [side for side in SIDES if side in before and side in after and before[side] != after[side]]
    if differing:
        words = f"the catalog says {_told(after)} now, the library {_told(before)}"
        options = " ".join(f"--{side}-per-mtok {_plain(after[side])}" for side in SIDES if side in after)
        yield Hint(name, "price_changed", words, f"modelhall model price {name} {options}")


class _Shelf:
    """The catalog as hints look at it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._families: dict[str, dict[str, list[CatalogModel]]] = {}

    def listed(self, profile: Profile, model: Model) -> CatalogModel | None:
        """The catalog's entry of this model."""
        vendor = self._vendor(profile)
        match = self._house.catalog.match(vendor, model.model_id) if vendor else None
        return match.model if match else None

    def newer(
        self, profile: Profile, listed: CatalogModel, price: PriceSheet | None, now: datetime
    ) -> CatalogModel | None:
        """The newest of the same family, kind and provider that can as much and is known not to be dearer."""
        if listed.family is None or listed.released is None or price is None:
            return None
        mine, today = _usual(price.rates), now.date().isoformat()
        fitting = [
            other
            for other in self._family(self._vendor(profile), listed.family)
            if other.kind == listed.kind
            and (other.released or "") > str(listed.released)
            and (other.retires is None or other.retires > today)
            and _can_as_much(other, listed)
            and _not_dearer(_usual(other.rates), mine)
        ]
        return max(fitting, key=lambda other: str(other.released), default=None)

    def _vendor(self, profile: Profile) -> str | None:
        provider = self._house.providers.get(profile.provider)
        return catalog_name(self._house, profile, provider) if provider else None

    def _family(self, vendor: str | None, family: str) -> Sequence[CatalogModel]:
        if vendor is None:
            return ()
        if vendor not in self._families:
            shelf: dict[str, list[CatalogModel]] = {}
            for model in self._house.catalog.models(vendor):
                shelf.setdefault(model.family or "", []).append(model)
            self._families[vendor] = shelf
        return self._families[vendor].get(family, ())


def _usual(rates: Sequence[Rate]) -> Mapping[str, Decimal]:
    """The known base prices of both sides."""
    return {
        rate.usage_class: rate.usd_per_million
        for rate in rates
        if rate.usage_class in SIDES
        and rate.usd_per_million is not None
        and (rate.context_over, rate.service_tier, rate.utc_hours) == (0, STANDARD, None)
    }


def _can_as_much(other: CatalogModel, listed: CatalogModel) -> bool:
    windows = (other.context_window or 0) >= (listed.context_window or 0)
    return windows and (listed.can & WEIGHTY) <= other.can


def _not_dearer(theirs: Mapping[str, Decimal], mine: Mapping[str, Decimal]) -> bool:
    return bool(mine) and all(side in theirs and theirs[side] <= mine[side] for side in mine)


def _told(usual: Mapping[str, Decimal]) -> str:
    return ", ".join(f"${_plain(usual[side])} per million {side}" for side in SIDES if side in usual) or "nothing known"


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
