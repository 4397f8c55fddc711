"""A library of as many models as a test wants, as different as they get."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from modelhall.domain.ids import new_id
from modelhall.domain.library import Model
from modelhall.domain.prices import Passport, PriceSheet, Rate
from modelhall.services.house import utc_now
from modelhall.storage import models, prices, profiles
from modelhall.storage.profiles import ProfileDraft
from tests.support.house import OpenHouse
from tests.support.models import a_model_of

NAMES = ("Große Möwe", "petit Éléphant", "Plain Sailor", "the NAME of it", "ñandú")
MAKERS = ("Ångström AI", "Beta", "gamma works", None)
PASSPORT = Passport("per_mtok", "person", "2026-01-01")


async def stock(house: OpenHouse, count: int, *, seed: int = 1) -> list[Model]:
    """Fills the organisation's library with models of eight profiles; every fifth has no known price."""
    chance, organisation = random.Random(seed), house.operator.organisation_id
    async with house.database.change(house.operator) as change:
        places = [
            await profiles.insert_profile(
                change.connection,
                ProfileDraft(
                    organisation_id=organisation,
                    slug=f"place-{number}",
                    provider="openai-compatible" if number % 2 else "ollama",
                    name=f"Place {number}",
                    base_url=f"http://127.0.0.1:{9000 + number}/v1",
                    region=("eu", "us", None)[number % 3],
                ),
            )
            for number in range(8)
        ]
        rows = [_model(number, organisation, places[number % 8].id, chance) for number in range(count)]
        made = await models.insert_models(change.connection, rows)
        made = [replace(model, profile=places[number % 8].slug) for number, model in enumerate(made)]
        for number, model in enumerate(made):
            if number % 5:
                await prices.append_sheet(
                    change.connection, _sheet(chance), organisation_id=organisation, model_id=model.id
                )
        await change.audit("model.sync", "profile", places[0].id, places[0].slug)
    return made


def _model(number: int, organisation: str, profile: str, chance: random.Random) -> Model:
    able = {name: chance.random() < 0.5 for name in ("vision", "tools", "reasoning") if chance.random() < 0.8}
    return replace(
        a_model_of("openai-compatible", f"org-{number % 13}/model-{number}"),
        id=new_id(),
        organisation_id=organisation,
        profile_id=profile,
        name=f"{NAMES[number % len(NAMES)]} {number % 50}",
        maker=chance.choice(MAKERS),
        kind=chance.choice(("chat", "embedding", "unknown")),
        context_window=chance.choice((None, 4_096, 128_000, 1_000_000)),
        max_output=chance.choice((None, 4_096, 8_192)),
        retires_on=chance.choice((None, None, "2027-01-31", "2027-06-30")),
        capabilities=able,
        modalities={"input": ("text", "image") if able.get("vision") else ("text",), "output": ("text",)},
        active=number % 3 == 0,
        hidden=number % 7 == 0,
        quarantined_because="lost its promise" if number % 11 == 0 else None,
    )


def _sheet(chance: random.Random) -> PriceSheet:
    amounts = (Decimal(chance.randrange(1, 3_000)) / 1_000, Decimal(chance.randrange(0, 9_000)) / 1_000)
    rates = (Rate("input", amounts[0]), Rate("output", amounts[1]))
    return PriceSheet(new_id(), utc_now() - timedelta(days=1), rates, PASSPORT)
