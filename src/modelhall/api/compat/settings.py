"""`/api/user/…`: a person's own preferences and usage, as older programs know them."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.base import Body, Shape, Text
from modelhall.api.shapes.stored_values import GivenValues, StoredValues
from modelhall.domain.money import Nanodollars, usd_or_none
from modelhall.services.compat.personal_usage import Used, personal_usage, together
from modelhall.services.preferences.preferences import (
    Preferences,
    PreferencesEdit,
    set_preferences,
    show_preferences,
)

router = APIRouter(tags=["settings"])
CHANGE: dict[str, Any] = {
    "summary": "Change your settings",
    **policy("viewer", objects="own", audit="preferences.set"),
}


class SettingsBody(Body):
    """What is to change; an absent field stays, parameters are merged, null takes away."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, protected_namespaces=())

    preferred_model: Annotated[Text | None, Field(description="It may come into the library later.")] = None
    model_parameters: GivenValues | None = None

    def edit(self) -> PreferencesEdit:
        """As the service knows it: only what was sent."""
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if "preferred_model" in sent:
            sent["default_model"] = sent.pop("preferred_model")
        return PreferencesEdit(**sent, may_come_later=True)


class SettingsShape(Shape):
    """One's own settings."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    preferred_model: str | None
    model_parameters: StoredValues
    warnings: Annotated[list[str], Field(description="What of it has no effect yet, and why.")]


Cost = Annotated[float | None, Field(description="US dollars; null: the price is not known.")]
"""A JSON number, as those programs expect it; nothing is reckoned with it."""


class ModelUsedShape(Shape):
    """What was used of one model."""

    tokens: int
    cost: Cost
    requests: int
    unpriced_requests: Annotated[int, Field(description="Without a known price, and not in the cost.")]


class PersonalUsageShape(Shape):
    """What was used of all."""

    total_tokens: int
    total_cost: Cost
    unpriced_requests: int
    by_model: dict[str, ModelUsedShape]
    period: Literal["last_30_days"]


@router.get("/user/usage", summary="Show what you used", **policy("viewer", objects="own"))
async def used(house: Here, actor: Acting) -> PersonalUsageShape:
    """Of whoever asks, in the last 30 days, by the models' public names."""
    by_model = await personal_usage(house, actor)
    total = together(by_model)
    return PersonalUsageShape(
        total_tokens=total.tokens,
        total_cost=_dollars(total.charge),
        unpriced_requests=total.unpriced,
        by_model={model: _used(each) for model, each in by_model.items()},
        period="last_30_days",
    )


@router.get("/user/settings", summary="Show your settings", **policy("viewer", objects="own"))
async def shown(house: Here, actor: Acting) -> SettingsShape:
    """Of whoever asks; nobody sees another person's here."""
    return _shape(await show_preferences(house, actor))


@router.post("/user/settings", **CHANGE)
async def posted(house: Here, actor: Acting, body: SettingsBody) -> SettingsShape:
    """What is not sent stays as it is."""
    return _shape(await set_preferences(house, actor, body.edit()))


@router.put("/user/settings", **CHANGE)
async def put(house: Here, actor: Acting, body: SettingsBody) -> SettingsShape:
    """The same as POST."""
    return _shape(await set_preferences(house, actor, body.edit()))


def _shape(stored: Preferences) -> SettingsShape:
    return SettingsShape.model_validate(
        {
            "preferred_model": stored.default_model,
            "model_parameters": stored.model_parameters,
            "warnings": list(stored.warnings),
        }
    )


def _used(each: Used) -> ModelUsedShape:
    return ModelUsedShape(
        tokens=each.tokens, cost=_dollars(each.charge), requests=each.requests, unpriced_requests=each.unpriced
    )


def _dollars(amount: int | None) -> float | None:
    text = usd_or_none(None if amount is None else Nanodollars(amount))
    return None if text is None else float(Decimal(text))
