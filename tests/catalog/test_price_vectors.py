"""Costs by the catalog's prices are those genai-prices computes with its own code, to the nano-dollar."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from modelhall.catalog.catalog import Catalog
from modelhall.domain.money import nanodollars
from modelhall.domain.prices import Passport, PriceSheet
from modelhall.domain.usage import Usage

VECTORS = Path(__file__).with_name("genai_prices_vectors.json")


def test_costs_are_those_of_the_oracle(catalog: Catalog) -> None:
    head, *lines = VECTORS.read_text().splitlines()
    assert "genai-prices" in json.loads(head)["origin"]
    wrong: list[str] = []
    passport = Passport("per_mtok", "test", "2026-11-10")
    models: set[tuple[str, str]] = set()
    for line in lines:
        provider, model_id, use, at, tier, usd = json.loads(line)
        match = catalog.match(provider, model_id)
        assert match is not None
        models.add((provider, model_id))
        sheet = PriceSheet("price", datetime(2026, 1, 1, tzinfo=UTC), match.model.rates, passport)
        cost = sheet.cost(Usage(**use, requests=1), datetime.fromisoformat(at), tier)
        if cost != nanodollars(Decimal(usd)):
            wrong.append(f"{line}: {cost}")
    assert wrong == []
    assert len(models) >= 200
