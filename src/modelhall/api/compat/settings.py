"""`/api/user/settings`: a person's own preferences, as older programs know them."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.base import Body, Shape, Text
from modelhall.api.shapes.stored_values import GivenValues, StoredValues
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
