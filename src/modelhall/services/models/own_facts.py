"""What a person knows better of a model than its provider and the catalog: kept, and believed before both."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from modelhall.domain.library import Model, Profile, Told
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.facts import facts_of
from modelhall.services.models.given_prices import PERSON
from modelhall.services.models.listing import unpack_or_nothing
from modelhall.services.models.new_model import check_limits, day, tokens
from modelhall.services.models.renew_models import renewed
from modelhall.services.words import wrong
from modelhall.storage import known_lists, profiles

Fact = Literal["context_window", "max_input", "max_output", "knowledge_cutoff", "retires_on"]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


async def with_facts(
    house: House, connection: Connection, model: Model, wishes: Mapping[Fact, int | str | None]
) -> Model:
    """The model with these words of a person; `None` forgets one, and the provider's or catalog's counts again.

    Raises BadRequest with the place.
    """
    today = house.clock().date().isoformat()
    own = {name: _checked(name, value) for name, value in wishes.items() if value is not None}
    forgotten = [name for name in wishes if name not in own and _is_own(model, name)]
    if forgotten:
        sources = {name: word for name, word in model.sources.items() if name not in forgotten}
        bare = replace(model, **cast("dict[str, Any]", dict.fromkeys(forgotten)), sources=sources)
        model = await _told_by_others(house, connection, bare)
    changed = {name: value for name, value in own.items() if value != getattr(model, name) or not _is_own(model, name)}
    if not changed:
        return model
    words = {name: Told(PERSON, today, _others(model, name)) for name in changed}
    new = replace(model, **cast("dict[str, Any]", changed), sources={**model.sources, **words})
    check_limits(new, changed)
    return new


async def _told_by_others(house: House, connection: Connection, model: Model) -> Model:
    profile = cast("Profile", await profiles.get_profile(connection, model.profile_id))
    provider = house.providers.get(profile.provider)
    if provider is None:
        return model
    listed = unpack_or_nothing(await known_lists.read_models(connection, profile.id)) or ()
    told = next((each for each in listed if each.id == model.model_id), None)
    return renewed(model, facts_of(house, profile, provider, model.model_id, told))


def _checked(name: str, value: int | str) -> int | str | None:
    if name == "retires_on":
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise wrong(f"facts.{name}", "is a date such as 2027-03-01")
        return day(value, f"facts.{name}")
    if name == "knowledge_cutoff":
        return day(str(value), f"facts.{name}")
    return tokens(cast("int", value), f"facts.{name}")


def _is_own(model: Model, name: str) -> bool:
    word = model.sources.get(name)
    return word is not None and word.source == PERSON


def _others(model: Model, name: str) -> tuple[str, ...]:
    """What others say, where they say something."""
    word, value = model.sources.get(name), getattr(model, name)
    if word is None or value is None:
        return ()
    return word.disagreeing if word.source == PERSON else (f"{word.source}: {value}", *word.disagreeing)
