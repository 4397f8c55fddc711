"""`/api/user/settings`: a person's own settings, as older programs know them."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field, StrictFloat, StrictInt

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.base import Body, Shape, Text
from modelhall.services.compat.personal_settings import Personal, PersonalEdit, edit_personal, show_personal

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
