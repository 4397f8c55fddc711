"""A model as older programs know it: its endpoint type, its limits, two prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from modelhall.domain.errors import NotFound
from modelhall.domain.library import Model
from modelhall.domain.people import Actor
from modelhall.services.connection import Connection
from modelhall.services.models.given_prices import is_base
from modelhall.services.models.model_view import ModelView
from modelhall.storage import models

EndpointType = Literal["openAI", "anthropic"]
ENDPOINTS: Mapping[EndpointType, str] = {"anthropic": "anthropic", "openAI": "openai"}
"""Each endpoint type with the provider whose profiles it stands for."""
OF_PROVIDER: Mapping[str, EndpointType] = {provider: name for name, provider in ENDPOINTS.items()}
MOST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class FlatModel:
    """One model; prices in USD per million tokens, `None` = unknown."""

    id: int
    name: str
    model_id: str
    endpoint_type: EndpointType
    thinking: bool
    context_window: int | None
    max_output: int | None
    knowledge_cutoff: str | None
    """An ISO time."""
    input_price: Decimal | None
    output_price: Decimal | None
    active: bool
    created_at: datetime
    updated_at: datetime


def flat(view: ModelView) -> FlatModel:
    """The model in that form."""
    model = view.model
    base = {rate.usage_class: rate.usd_per_million for rate in view.price.rates if is_base(rate)} if view.price else {}
    return FlatModel(
        id=model.number,
        name=model.name,
        model_id=model.model_id,
        endpoint_type=OF_PROVIDER[model.provider],
        thinking=model.capabilities.get("reasoning") is True,
        context_window=model.context_window,
        max_output=model.max_output,
        knowledge_cutoff=_as_time(model.knowledge_cutoff),
        input_price=base.get("input"),
        output_price=base.get("output"),
        active=model.active,
        created_at=model.created_at,
        updated_at=model.updated_at,
    )


async def numbered(connection: Connection, actor: Actor, number: int) -> Model:
    """The organisation's model of that number, if it has an endpoint type. Raises NotFound."""
    model = await models.model_by_number(connection, number) if 0 < number <= MOST_NUMBER else None
    if model is None or model.organisation_id != actor.organisation_id or model.provider not in OF_PROVIDER:
        raise NotFound("Model not found")
    return model


def _as_time(cutoff: str | None) -> str | None:
    """A year, a month or a day as the time at which it begins."""
    if cutoff is None:
        return None
    return f"{(cutoff + '-01-01')[: len('2025-03-01')]}T00:00:00Z"
