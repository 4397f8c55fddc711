"""What people store for themselves, on the wire."""

from typing import Annotated, Any

from pydantic import Field

from modelhall.api.shapes.base import Body, Shape, Text
from modelhall.api.shapes.stored_values import GivenValues, StoredValues
from modelhall.services.preferences.preferences import Preferences, PreferencesEdit


class PreferencesPatch(Body):
    """What is to change; an absent field stays, null takes it away."""

    default_model: Annotated[Text | None, Field(description="`profile/model-id`.")] = None
    model_parameters: GivenValues | None = None

    def edit(self) -> PreferencesEdit:
        """As the service knows it: only what was sent."""
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        return PreferencesEdit(**sent)


class PreferencesShape(Shape):
    """What a member stored."""

    default_model: str | None
    model_parameters: StoredValues
    warnings: Annotated[list[str], Field(description="What of it has no effect now, and why.")]


def preferences_of(stored: Preferences) -> PreferencesShape:
    """As it goes out."""
    return PreferencesShape.model_validate(
        {
            "default_model": stored.default_model,
            "model_parameters": stored.model_parameters,
            "warnings": list(stored.warnings),
        }
    )
