"""`/api/user/…`: a person's own settings and usage, as older programs know them."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field, StrictFloat, StrictInt

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.base import Body, Shape, Text
from modelhall.domain.money import Nanodollars, usd_or_none
from modelhall.services.compat.personal_settings import Personal, PersonalEdit, edit_personal, show_personal
from modelhall.services.compat.personal_usage import Used, personal_usage, together

router = APIRouter(tags=["settings"])
Value = Annotated[StrictInt | StrictFloat, Field(allow_inf_nan=False, ge=-(10**9), le=10**9)]


class SettingsBody(Body):
    """What is to change; an absent field stays, parameters are merged, null takes away."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, protected_namespaces=())

    preferred_model: Text | None = None
    model_parameters: Annotated[
        dict[Text, Value | None] | None,
        Field(description="temperature, max_tokens, top_p, frequency_penalty, presence_penalty."),
    ] = None

    def edit(self) -> PersonalEdit:
        """As the service knows it: only what was sent."""
        return PersonalEdit(**{name: getattr(self, name) for name in self.model_fields_set})


class SettingsShape(Shape):
    """One's own settings."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    preferred_model: str | None
    model_parameters: dict[str, int | float]
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
    return _shape(await show_personal(house, actor))


@router.post("/user/settings", summary="Change your settings", **policy("viewer", objects="own", audit="settings.set"))
async def posted(house: Here, actor: Acting, body: SettingsBody) -> SettingsShape:
    """What is not sent stays as it is."""
    return _shape(await edit_personal(house, actor, body.edit()))


@router.put("/user/settings", summary="Change your settings", **policy("viewer", objects="own", audit="settings.set"))
async def put(house: Here, actor: Acting, body: SettingsBody) -> SettingsShape:
    """The same as POST."""
    return _shape(await edit_personal(house, actor, body.edit()))


def _shape(personal: Personal) -> SettingsShape:
    return SettingsShape(
        preferred_model=personal.preferred_model,
        model_parameters=dict(personal.model_parameters),
        warnings=list(personal.warnings),
    )


def _used(each: Used) -> ModelUsedShape:
    return ModelUsedShape(
        tokens=each.tokens, cost=_dollars(each.charge), requests=each.requests, unpriced_requests=each.unpriced
    )


def _dollars(amount: int | None) -> float | None:
    text = usd_or_none(None if amount is None else Nanodollars(amount))
    return None if text is None else float(Decimal(text))
